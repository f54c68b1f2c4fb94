"""AWS Signature Version 4, in the header or in a presigned URL.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. The hash that S3 requests declare for
their body is believed, not computed again: it would double the time of each upload.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, unquote, urlsplit


@dataclass(frozen=True)
class Signed:
    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    session_token: str | None
    timestamp: str
    # Seconds that a presigned URL is valid for; None for a signature in the header.
    expires: int | None


def parse(environ: dict[str, Any]) -> Signed | None:
    """None for a request without a signature."""
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    if authorization.startswith("AWS4-HMAC-SHA256 "):
        parts = dict(one.strip().partition("=")[::2] for one in authorization.partition(" ")[2].split(","))
        scope, headers, signature = parts["Credential"], parts["SignedHeaders"], parts["Signature"]
        token, timestamp, expires = environ.get("HTTP_X_AMZ_SECURITY_TOKEN"), environ["HTTP_X_AMZ_DATE"], None
    else:
        query = dict(_query(environ))
        if "X-Amz-Credential" not in query:
            return None
        scope, headers, signature = query["X-Amz-Credential"], query["X-Amz-SignedHeaders"], query["X-Amz-Signature"]
        token, timestamp, expires = query.get("X-Amz-Security-Token"), query["X-Amz-Date"], int(query["X-Amz-Expires"])
    access_key_id, date, region, service, _ = scope.split("/")
    return Signed(access_key_id, date, region, service, tuple(headers.split(";")), signature, token, timestamp, expires)


def has_expired(signed: Signed) -> bool:
    if signed.expires is None:
        return False
    made = datetime.strptime(signed.timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    return datetime.now(timezone.utc) > made + timedelta(seconds=signed.expires)


def is_valid(signed: Signed, environ: dict[str, Any], body: bytes, secret: str) -> bool:
    scope = f"{signed.date}/{signed.region}/{signed.service}/aws4_request"
    request = _canonical_request(signed, environ, body)
    to_sign = f"AWS4-HMAC-SHA256\n{signed.timestamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in (signed.date, signed.region, signed.service, "aws4_request", to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(key.hex(), signed.signature)


def _canonical_request(signed: Signed, environ: dict[str, Any], body: bytes) -> str:
    path = quote(unquote(urlsplit(environ["RAW_URI"]).path), safe="/-_.~") or "/"
    # Every service but S3 encodes the path twice.
    uri = path if signed.service == "s3" else quote(path, safe="/-_.~")
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in _query(environ) if name != "X-Amz-Signature")
    query = "&".join(f"{name}={value}" for name, value in pairs)
    headers = "".join(f"{name}:{' '.join(_header(environ, name).split())}\n" for name in signed.signed_headers)
    return "\n".join([environ["REQUEST_METHOD"], uri, query, headers, ";".join(signed.signed_headers), _payload(signed, environ, body)])


def _payload(signed: Signed, environ: dict[str, Any], body: bytes) -> str:
    declared = environ.get("HTTP_X_AMZ_CONTENT_SHA256")
    if declared is not None:
        return declared
    if signed.expires is not None and signed.service == "s3":
        return "UNSIGNED-PAYLOAD"
    return hashlib.sha256(body).hexdigest()


def _header(environ: dict[str, Any], name: str) -> str:
    key = name.upper().replace("-", "_")
    return environ.get(key, "") if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else environ.get(f"HTTP_{key}", "")


def _query(environ: dict[str, Any]) -> list[tuple[str, str]]:
    text = urlsplit(environ["RAW_URI"]).query
    return [(unquote(name), unquote(value)) for name, _, value in (one.partition("=") for one in text.split("&") if one)]
