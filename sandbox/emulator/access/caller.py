"""Who calls: the emulated user or role session that an access key belongs to."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.iam.models import Role, User, iam_backends
from moto.sts.models import sts_backends

import accounts

from .policy import Principal
from .signature import Signed


class Refused(Exception):
    """The credentials are no good; `code` as AWS names it."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def anonymous() -> Principal:
    return Principal(arn="anonymous", policy_arn="anonymous", name="anonymous", account="", user_id="anonymous", kind="Anonymous")


def find(signed: Signed, account: str) -> tuple[Principal, str]:
    """The principal and the secret of its key."""
    for user in iam_backends[account]["aws"].users.copy().values():
        for key in user.access_keys:
            if key.access_key_id == signed.access_key_id:
                if key.status != "Active" or signed.session_token is not None:
                    raise Refused("InvalidToken" if signed.session_token else "InvalidId")
                return _user(user, account), key.secret_access_key
    for session in list(sts_backends[account]["aws"].assumed_roles):
        if session.access_key_id == signed.access_key_id:
            if signed.session_token != session.session_token:
                raise Refused("InvalidToken")
            if session.expiration < utcnow():
                raise Refused("ExpiredToken")
            return _session(session, account), session.secret_access_key
    raise Refused("InvalidId")


def _user(user: User, account: str) -> Principal:
    documents = [*user.policies.values(), *map(_document, user.managed_policies.values())]
    for group in iam_backends[account]["aws"].get_groups_for_user(user.name):
        documents += [*group.policies.values(), *map(_document, group.managed_policies.values())]
    return Principal(
        arn=user.arn,
        policy_arn=user.arn,
        name=f"user/{user.name}",
        account=account,
        user_id=user.id,
        kind="User",
        services=accounts.REGION_SERVICES if user.name == accounts.REGION else (),
        policies=tuple(documents),
    )


def _session(session: Any, account: str) -> Principal:
    name = session.role_arn.split("/")[-1]
    role: Role | None = next((one for one in iam_backends[account]["aws"].roles.copy().values() if one.arn == session.role_arn), None)
    # Sessions outlive their role; without it nothing allows them anything.
    documents = [] if role is None else [*role.policies.values(), *map(_document, role.managed_policies.values())]
    return Principal(
        arn=session.arn,
        policy_arn=session.role_arn,
        name=f"role/{name}",
        account=account,
        user_id=session.user_id,
        kind="AssumedRole",
        policies=tuple(documents),
        boundary=_boundary(role, account),
        tags={} if role is None else {tag["Key"]: tag["Value"] for tag in role.tags or []},
    )


def _boundary(role: Role | None, account: str) -> str | None:
    if role is None or role.permissions_boundary_arn is None:
        return None
    return _document(iam_backends[account]["aws"].managed_policies[role.permissions_boundary_arn])


def _document(policy: Any) -> str:
    return next(version.document for version in policy.versions if version.is_default)
