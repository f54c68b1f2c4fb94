"""The default network ACL of a deleted VPC stays for ever."""

from moto.ec2.models.vpcs import VPCBackend


def apply() -> None:
    stock = VPCBackend.delete_vpc

    def delete_vpc(self, vpc_id):
        vpc = stock(self, vpc_id)
        for acl in [one for one in self.network_acls.values() if one.vpc_id == vpc_id]:
            del self.network_acls[acl.id]
        return vpc

    VPCBackend.delete_vpc = delete_vpc
