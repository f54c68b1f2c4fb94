"""Which permissions an S3 request needs.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html. moto names only some, and takes the others
for `ListBucket` or `CreateBucket`.
"""

from __future__ import annotations

from typing import Any, Mapping
from urllib.parse import unquote

from xmltodict import parse

# Subresource of a bucket -> what its permissions are named after.
_BUCKET = {
    "accelerate": "AccelerateConfiguration",
    "acl": "BucketAcl",
    "analytics": "AnalyticsConfiguration",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "intelligent-tiering": "IntelligentTieringConfiguration",
    "inventory": "InventoryConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "logging": "BucketLogging",
    "metrics": "MetricsConfiguration",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
# The only ones whose removal is a permission of its own; the others need Put.
_BUCKET_DELETE = {"policy": "DeleteBucketPolicy", "website": "DeleteBucketWebsite"}
_LISTINGS = {"versions": "ListBucketVersions", "uploads": "ListBucketMultipartUploads", "location": "GetBucketLocation"}
_OBJECT = {"acl": "Acl", "tagging": "Tagging", "legal-hold": "LegalHold", "retention": "Retention", "attributes": "Attributes"}

Query = Mapping[str, Any]
Permissions = list[tuple[str, str]]


def permissions(method: str, bucket: str, key: str, query: Query, headers: Mapping[str, str], body: bytes) -> Permissions:
    """Action and resource, all of which must be allowed."""
    if not bucket:
        return [("s3:ListAllMyBuckets", "*")]
    arn = f"arn:aws:s3:::{bucket}"
    if not key:
        if method == "POST" and "delete" in query:
            return _deleted(arn, body)
        if method == "POST":
            return [("s3:PutObject", f"{arn}/*")]
        return [(f"s3:{_bucket_action(method, query)}", arn)]
    actions = [(f"s3:{_object_action(method, query)}", f"{arn}/{key}")]
    if method == "PUT" and headers.get("If-Match"):
        # The answer tells what is there.
        actions.append(("s3:GetObject", f"{arn}/{key}"))
    source = headers.get("x-amz-copy-source")
    if source is not None:
        path, _, version = unquote(source).lstrip("/").partition("?versionId=")
        actions.append(("s3:GetObjectVersion" if version else "s3:GetObject", f"arn:aws:s3:::{path}"))
    return actions


def _bucket_action(method: str, query: Query) -> str:
    name = next((one for one in _BUCKET if one in query), None)
    if method == "HEAD":
        return "ListBucket"
    if method == "GET":
        return f"Get{_BUCKET[name]}" if name else next((_LISTINGS[one] for one in _LISTINGS if one in query), "ListBucket")
    if method == "PUT":
        return f"Put{_BUCKET[name]}" if name else "CreateBucket"
    return _BUCKET_DELETE.get(name, f"Put{_BUCKET[name]}") if name else "DeleteBucket"


def _object_action(method: str, query: Query) -> str:
    name = next((one for one in _OBJECT if one in query), None)
    version = "Version" if "versionId" in query else ""
    if "uploadId" in query and method in ("GET", "DELETE"):
        return "ListMultipartUploadParts" if method == "GET" else "AbortMultipartUpload"
    if method in ("GET", "HEAD"):
        return f"GetObject{version}{_OBJECT[name] if name else ''}"
    if method == "PUT":
        return f"PutObject{version if name else ''}{_OBJECT[name] if name else ''}"
    if method == "DELETE":
        return f"DeleteObject{version}{_OBJECT[name] if name else ''}"
    return "RestoreObject" if "restore" in query else "GetObject" if "select" in query else "PutObject"


def _deleted(arn: str, body: bytes) -> Permissions:
    objects = parse(body)["Delete"].get("Object", [])
    listed = objects if isinstance(objects, list) else [objects]
    return [("s3:DeleteObjectVersion" if one.get("VersionId") else "s3:DeleteObject", f"{arn}/{one['Key']}") for one in listed]
