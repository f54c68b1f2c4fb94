"""The description of a security group's rule is lost unless the rule names addresses.

moto looks for it among the addresses only; of a rule that names another group or a prefix list, Terraform sees none and plans
to add it for ever.
"""

from moto.ec2.models import security_groups


def apply() -> None:
    stock = security_groups.SecurityGroupRule.__init__

    def init(self, ec2_backend, ip_protocol, group_id, from_port, to_port, ip_range, source_group=None, prefix_list_id=None, **rest):
        target = source_group or prefix_list_id
        if target and "Description" in target:
            ip_range = {"Description": target["Description"]}
            # Not part of what makes two rules the same.
            target = {name: value for name, value in target.items() if name != "Description"}
            source_group, prefix_list_id = (target, None) if source_group else (None, target)
        stock(self, ec2_backend, ip_protocol, group_id, from_port, to_port, ip_range, source_group, prefix_list_id, **rest)

    security_groups.SecurityGroupRule.__init__ = init
