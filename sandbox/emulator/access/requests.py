"""Which permission a request to another service than S3 needs, and on what.

Resources are named for the services whose policies this project scopes. For a call that is not known here the resource is `*`,
which only a statement for `*` allows: too strict rather than too lax.
"""

from __future__ import annotations

import json
from typing import Any, Callable, Mapping

from moto.autoscaling.models import autoscaling_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends

Parameters = Mapping[str, Any]

# Where the name in the signature is not the one in policies.
_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag", "email": "ses"}


def parameters(querystring: Mapping[str, Any], body: Any) -> Parameters:
    """Of the query APIs (lists of one value) or the JSON APIs."""
    if "Action" in querystring:
        return {name: value[0] if isinstance(value, list) else value for name, value in querystring.items()}
    try:
        parsed = json.loads(body) if body else {}
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def permissions(service: str, action: str, given: Parameters, account: str, region: str) -> list[tuple[str, str]]:
    find = _RESOURCES.get(service)
    resources = [] if find is None else find(action, given, account, region)
    return [(f"{_PREFIXES.get(service, service)}:{action}", one) for one in resources or ["*"]]


def key_arn(key: str, account: str, region: str) -> str:
    """ARN of a key given by id, ARN or alias."""
    backend = kms_backends[account][region]
    try:
        return backend.describe_key(key).arn
    except KeyError:
        return key if key.startswith("arn:") else f"arn:aws:kms:{region}:{account}:key/{key}"


def _secret(action: str, given: Parameters, account: str, region: str) -> list[str]:
    name = given.get("SecretId") or given.get("Name")
    if name is None:
        return []
    backend = secretsmanager_backends[account][region]
    if name in backend.secrets:
        return [backend.secrets[name].arn]
    return [name if name.startswith("arn:") else f"arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf"]


def _key(action: str, given: Parameters, account: str, region: str) -> list[str]:
    key = given.get("KeyId") or given.get("TargetKeyId")
    return [] if key is None else [key_arn(key, account, region)]


def _iam(action: str, given: Parameters, account: str, region: str) -> list[str]:
    backend = iam_backends[account]["aws"]
    kinds = {"RoleName": ("role", backend.roles), "InstanceProfileName": ("instance-profile", backend.instance_profiles), "UserName": ("user", backend.users)}
    for name, (kind, known) in kinds.items():
        if name in given:
            found = next((one.arn for one in known.copy().values() if one.name == given[name]), None)
            return [found or f"arn:aws:iam::{account}:{kind}{given.get('Path', '/')}{given[name]}"]
    return [given["PolicyArn"]] if "PolicyArn" in given else []


def _sts(action: str, given: Parameters, account: str, region: str) -> list[str]:
    return [given["RoleArn"]] if "RoleArn" in given else []


def _ec2(action: str, given: Parameters, account: str, region: str) -> list[str]:
    if action.startswith("Describe"):
        return []
    instances = [value for name, value in given.items() if name.startswith("InstanceId")]
    return [f"arn:aws:ec2:{region}:{account}:instance/{one}" for one in instances]


def _autoscaling(action: str, given: Parameters, account: str, region: str) -> list[str]:
    name = given.get("AutoScalingGroupName")
    if name is None or action.startswith("Describe"):
        return []
    group = autoscaling_backends[account][region].autoscaling_groups.get(name)
    return [group.arn if group else f"arn:aws:autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/{name}"]


def _load_balancing(action: str, given: Parameters, account: str, region: str) -> list[str]:
    if action.startswith("Describe"):
        return []
    names = ("ListenerArn", "RuleArn", "TargetGroupArn", "LoadBalancerArn")
    return next(([given[name]] for name in names if name in given), [])


def _logs(action: str, given: Parameters, account: str, region: str) -> list[str]:
    name = given.get("logGroupName")
    if name is None:
        return []
    stream = given.get("logStreamName")
    return [f"arn:aws:logs:{region}:{account}:log-group:{name}:{f'log-stream:{stream}' if stream else '*'}"]


_RESOURCES: dict[str, Callable[[str, Parameters, str, str], list[str]]] = {
    "autoscaling": _autoscaling,
    "ec2": _ec2,
    "elasticloadbalancing": _load_balancing,
    "iam": _iam,
    "kms": _key,
    "logs": _logs,
    "secretsmanager": _secret,
    "sts": _sts,
}
