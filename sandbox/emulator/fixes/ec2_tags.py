"""EC2's list of tags names what is gone, and names some types unlike AWS.

moto keeps the tags of deleted things for ever, so a search by tag finds what no longer exists; and it says `nat-gateway`,
`vpc-elastic-ip` and `managed-prefix-list` where AWS says `natgateway`, `elastic-ip` and `prefix-list`.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses.tags import TagResponse
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix


def apply() -> None:
    # The table that moto looks types up in, for answers and for filters.
    EC2_PREFIX_TO_RESOURCE.update({"nat": "natgateway", "eipalloc": "elastic-ip", "pl": "prefix-list"})
    TagResponse.describe_tags = _describe_tags


def _describe_tags(self: TagResponse) -> ActionResult:
    filters = self._filters_from_querystring()
    self.error_on_dryrun()
    tags = self.ec2_backend.describe_tags(filters=filters)
    existing = {one["resource_id"]: True for one in tags}
    for resource_id in existing:
        existing[resource_id] = _exists(self.ec2_backend, resource_id)
    return ActionResult({"Tags": [one for one in tags if existing[one["resource_id"]]]})


def _exists(backend: Any, resource_id: str) -> bool:
    """True as well for types that are not known here."""
    prefix = get_prefix(resource_id)
    if prefix == "i":
        instances = [one for reservation in backend.reservations.values() for one in reservation.instances]
        return any(one.id == resource_id and one.state != "terminated" for one in instances)
    if prefix == "sg":
        return any(resource_id in groups for groups in backend.groups.values())
    if prefix == "sgr":
        groups = [one for by_id in backend.groups.values() for one in by_id.values()]
        return any(rule.id == resource_id for group in groups for rule in [*group.ingress_rules, *group.egress_rules])
    if prefix == "subnet":
        return any(resource_id in by_id for by_id in backend.subnets.values())
    if prefix == "eipalloc":
        return any(one.allocation_id == resource_id for one in backend.addresses)
    stores = {
        "eni": backend.enis,
        "igw": backend.internet_gateways,
        "lt": backend.launch_templates,
        "nat": backend.nat_gateways,
        "rtb": backend.route_tables,
        "vol": backend.volumes,
        "vpc": backend.vpcs,
        "vpce": backend.vpc_end_points,
    }
    if prefix not in stores:
        return True
    found = stores[prefix].get(resource_id)
    # Deleted gateways and endpoints stay for a while, as on AWS, in this state.
    return found is not None and getattr(found, "state", None) != "deleted"
