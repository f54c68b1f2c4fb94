"""Evaluation of policy documents.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, for one account: identity policies,
permissions boundary, and one policy on the resource (bucket, role or key). Organisation policies, session policies and endpoint
policies are not known here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Iterable

from .conditions import Context, all_hold, matches, substitute


@dataclass(frozen=True)
class Principal:
    # `arn:aws:iam::000000000000:user/deployer` or `arn:aws:sts::000000000000:assumed-role/<role>/<session>`.
    arn: str
    # What policies call it: the user, or the role behind a session.
    policy_arn: str
    # `user/deployer`, `role/<role>`: for people.
    name: str
    account: str
    user_id: str
    kind: str
    # AWS services that it stands for, e.g. `ec2.amazonaws.com`.
    services: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    boundary: str | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    allowed: bool
    # Ends AWS's error text: "because <reason>".
    reason: str


ALLOWED = Decision(True, "allowed")


def decide(
    principal: Principal,
    action: str,
    resource: str,
    context: Context,
    resource_policy: str | None = None,
    resource_policy_decides: bool = False,
) -> Decision:
    """`resource_policy_decides`: roles and keys, where an identity policy only counts if the resource's policy lets the account in."""
    identity = [_result(document, action, resource, context) for document in principal.policies]
    boundary = _result(principal.boundary, action, resource, context) if principal.boundary else "allow"
    on_resource = _result(resource_policy, action, resource, context, principal) if resource_policy else None

    if "deny" in identity:
        return Decision(False, "with an explicit deny in an identity-based policy")
    if boundary == "deny":
        return Decision(False, "with an explicit deny in a permissions boundary")
    if on_resource == "deny":
        return Decision(False, "with an explicit deny in a resource-based policy")
    if on_resource == "allow":
        return ALLOWED
    if resource_policy_decides and on_resource != "account":
        return Decision(False, f"because no resource-based policy allows the {action} action")
    if "allow" not in identity:
        return Decision(False, f"because no identity-based policy allows the {action} action")
    if boundary != "allow":
        return Decision(False, f"because no permissions boundary allows the {action} action")
    return ALLOWED


def _result(document: str, action: str, resource: str, context: Context, principal: Principal | None = None) -> str | None:
    """`deny`, `allow`, `account` (a resource's policy leaves it to the account's identity policies) or None."""
    results = {_statement(one, action, resource, context, principal) for one in statements(document)}
    return next((one for one in ("deny", "allow", "account") if one in results), None)


@lru_cache(maxsize=1024)
def statements(document: str) -> tuple[dict[str, Any], ...]:
    return tuple(_list(json.loads(document)["Statement"]))


def _statement(statement: dict[str, Any], action: str, resource: str, context: Context, principal: Principal | None) -> str | None:
    if not _element(statement, "Action", action, context, ignore_case=True):
        return None
    # Trust policies have no resource: they lie on it.
    if ("Resource" in statement or "NotResource" in statement) and not _element(statement, "Resource", resource, context):
        return None
    who = _principal(statement, principal) if principal is not None else "allow"
    if who is None or not all_hold(statement.get("Condition", {}), context):
        return None
    return "deny" if statement["Effect"] == "Deny" else who


def _element(statement: dict[str, Any], name: str, value: str, context: Context, ignore_case: bool = False) -> bool:
    if name in statement:
        return any(matches(substitute(one, context), value, ignore_case) for one in _list(statement[name]))
    return not any(matches(substitute(one, context), value, ignore_case) for one in _list(statement[f"Not{name}"]))


def _principal(statement: dict[str, Any], principal: Principal) -> str | None:
    if "NotPrincipal" in statement:
        return None if _named(statement["NotPrincipal"], principal) else "allow"
    return _named(statement.get("Principal", {}), principal)


def _named(expected: Any, principal: Principal) -> str | None:
    if expected == "*":
        return "allow"
    names = _list(expected.get("AWS", []))
    if "*" in names or principal.policy_arn in names or principal.arn in names:
        return "allow"
    if any(service in _list(expected.get("Service", [])) for service in principal.services):
        return "allow"
    return "account" if principal.account in names or f"arn:aws:iam::{principal.account}:root" in names else None


def _list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]
