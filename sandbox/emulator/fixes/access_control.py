"""moto's access control answers 500 or judges wrongly.

500: a `?` in a resource (as in `secret:name-??????`), a presigned URL, a request without a signature, a role that only a service
may assume, a principal given as a list of services. Wrong: conditions (a Deny for plain HTTP refuses everything), the caller in a
bucket's policy, the resource of secrets, keys and groups (always `*`), names of S3 actions, permissions of a key that encrypts
an object or a secret, keys to delete in a bulk, permissions boundaries, the error of a missing object that the caller may not list.

Replaced as a whole by the modules in `access`. The emulator's endpoint counts as TLS (`aws:SecureTransport` is true): on AWS the same
calls use HTTPS, and what runs here is one machine.
"""

from __future__ import annotations

from typing import Any

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.utils import utcnow
from moto.iam.access_control import PermissionResult
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import FakeBucket
from moto.secretsmanager.models import secretsmanager_backends

import calls
from access import caller, errors, requests, s3_requests, signature
from access.policy import Principal, decide


def apply() -> None:
    ActionAuthenticatorMixin._authenticate_and_authorize_action = _authorize
    # Judged above, with the caller; moto would judge it again without.
    FakeBucket.get_permission = lambda self, action, resource: PermissionResult.PERMITTED


def _authorize(self: Any, iam_request_cls: type, resource: str = "*") -> None:
    environ = self.headers.environ
    if environ.get("HTTP_X_AMZ_TARGET") in ActionAuthenticatorMixin.PUBLIC_OPERATIONS:
        return
    signed = signature.parse(environ)
    service = signed.service if signed else self.service_name
    # IAM and S3 are global: a call in any region is one to the same account.
    region = signed.region if signed else self.region
    principal = _caller(self, environ, signed, service)
    check = _Check(self, principal, service, region)
    for action, target in check.permissions():
        check.require(action, target)
    check.implied()


def _caller(self: Any, environ: dict[str, Any], signed: signature.Signed | None, service: str) -> Principal:
    if signed is None:
        if service == "s3":
            return caller.anonymous()
        raise errors.credentials(service, "Missing")
    try:
        principal, secret = caller.find(signed, self.current_account)
    except caller.Refused as refused:
        raise errors.credentials(service, refused.code) from None
    body = environ.get("edge_fleet.form") or self.raw_body or b""
    if not signature.is_valid(signed, environ, body.encode() if isinstance(body, str) else body, secret):
        raise errors.credentials(service, "Signature")
    if signature.has_expired(signed):
        raise errors.credentials(service, "Expired")
    return principal


class _Check:
    """One request against all permissions that it needs."""

    def __init__(self, response: Any, principal: Principal, service: str, region: str):
        self.response = response
        self.principal = principal
        self.service = service
        self.region = region
        self.account: str = response.current_account
        is_s3 = service == "s3"
        self.bucket: str = response.bucket_name or "" if is_s3 else ""
        self.key: str = response.parse_key_name() if is_s3 and self.bucket else ""
        self.query = dict(response._get_querystring(response.request, response.uri)) if is_s3 else {}
        self.given = {} if is_s3 else requests.parameters(response.querystring, response.body)

    def permissions(self) -> list[tuple[str, str]]:
        if self.service == "s3":
            return s3_requests.permissions(
                self.response.method, self.bucket, self.key, self.query, self.response.headers, self.response.raw_body
            )
        return requests.permissions(self.service, self.response._get_action(), self.given, self.account, self.region)

    def allows(self, action: str, resource: str, **context: str) -> Any:
        document, decides = self._resource_policy(action, resource)
        return decide(self.principal, action, resource, {**self._context(), **context}, document, decides)

    def require(self, action: str, resource: str, **context: str) -> None:
        # AWS always allows it, even against a Deny.
        if action == "sts:GetCallerIdentity":
            return self._record(action, resource, True, None)
        decision = self.allows(action, resource, **context)
        self._record(action, resource, decision.allowed, None if decision.allowed else decision.reason)
        if not decision.allowed:
            raise errors.denied(self.service, self.bucket, self.principal.arn, action, resource, decision.reason)

    def implied(self) -> None:
        """Permissions that AWS asks for on the caller's behalf once the call itself is allowed."""
        if self.service == "s3" and self.key and self.response.method in ("GET", "HEAD", "PUT", "POST"):
            self._encrypted_object()
        if self.service == "secretsmanager":
            self._encrypted_secret()

    def _encrypted_object(self) -> None:
        backend = self.response.backend
        bucket = backend.buckets.get(self.bucket)
        if bucket is None or any(name in self.query for name in ("acl", "tagging", "legal-hold", "retention", "attributes")):
            return
        via = {"kms:viaservice": f"s3.{self.region}.amazonaws.com"}
        if self.response.method in ("PUT", "POST"):
            headers = self.response.headers
            default = (bucket.encryption or {}).get("Rule", {}).get("ApplyServerSideEncryptionByDefault", {})
            algorithm = headers.get("x-amz-server-side-encryption") or default.get("SSEAlgorithm")
            key = headers.get("x-amz-server-side-encryption-aws-kms-key-id") or default.get("KMSMasterKeyID")
            if algorithm == "aws:kms" and key:
                self.require("kms:GenerateDataKey", requests.key_arn(key, self.account, self.region), **via)
            return
        stored = backend.get_object(self.bucket, self.key, version_id=self.query.get("versionId", [None])[0])
        if stored is None:
            # Who may not list a bucket is not told that something is not in it.
            self.require("s3:ListBucket", f"arn:aws:s3:::{self.bucket}")
        elif stored.encryption == "aws:kms" and stored.kms_key_id and self.response.method == "GET":
            self.require("kms:Decrypt", requests.key_arn(stored.kms_key_id, self.account, self.region), **via)

    def _encrypted_secret(self) -> None:
        action = {"GetSecretValue": "kms:Decrypt", "PutSecretValue": "kms:GenerateDataKey"}.get(self.response._get_action())
        secrets = secretsmanager_backends[self.account][self.region].secrets
        name = self.given.get("SecretId")
        if action is None or name is None or name not in secrets or not secrets[name].kms_key_id:
            return
        key = requests.key_arn(secrets[name].kms_key_id, self.account, self.region)
        self.require(action, key, **{"kms:viaservice": f"secretsmanager.{self.region}.amazonaws.com"})

    def _resource_policy(self, action: str, resource: str) -> tuple[str | None, bool]:
        """The policy on the resource, and whether nothing is allowed without it."""
        if action.startswith("s3:") and resource.startswith("arn:"):
            bucket = self.response.backend.buckets.get(resource.split(":")[-1].split("/")[0])
            return (bucket.policy.decode() if bucket is not None and bucket.policy else None), False
        if action in ("sts:AssumeRole", "sts:TagSession"):
            roles = iam_backends[self.account]["aws"].roles.copy().values()
            return next((one.assume_role_policy_document for one in roles if one.arn == resource), None), True
        if action.startswith("kms:") and ":key/" in resource:
            key = kms_backends[self.account][self.region].keys.get(resource.split(":key/")[1])
            return (key.policy if key is not None else None), key is not None
        return None, False

    def _context(self) -> dict[str, Any]:
        """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, keys in lower case."""
        context: dict[str, Any] = {
            "aws:securetransport": "true",
            "aws:principalarn": self.principal.policy_arn,
            "aws:principalaccount": self.principal.account,
            "aws:principaltype": self.principal.kind,
            "aws:userid": self.principal.user_id,
            "aws:requestedregion": self.region,
            "aws:resourceaccount": self.account,
            "aws:sourceaccount": self.account,
            "kms:calleraccount": self.principal.account,
            "aws:sourceip": self.response.headers.environ["REMOTE_ADDR"],
            "aws:currenttime": utcnow().isoformat() + "Z",
            "aws:viaawsservice": "false",
        }
        if self.principal.kind == "User":
            context["aws:username"] = self.principal.name.removeprefix("user/")
        context.update({f"aws:principaltag/{name.lower()}": value for name, value in self.principal.tags.items()})
        if self.service == "s3":
            context.update({f"s3:{name}": self.query[name][0] for name in ("prefix", "delimiter", "max-keys") if name in self.query})
            given = {name.lower(): value for name, value in self.response.headers.items()}
            context.update({f"s3:{name}": value for name, value in given.items() if name.startswith("x-amz-")})
            context.update({f"s3:{name}": given[name] for name in ("if-none-match", "if-match") if name in given})
        if self.service == "secretsmanager" and "VersionStage" in self.given:
            context["secretsmanager:versionstage"] = self.given["VersionStage"]
        return context

    def _record(self, action: str, resource: str, allowed: bool, reason: str | None) -> None:
        calls.record(
            principal=self.principal.name, service=self.service, action=action, resource=resource, region=self.region, allowed=allowed, reason=reason
        )
