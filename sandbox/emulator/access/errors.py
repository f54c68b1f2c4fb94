"""Refusals in the form of each service's protocol."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from moto.s3.exceptions import BucketAccessDeniedError, S3AccessDeniedError, S3ClientError
from werkzeug.exceptions import HTTPException

_MESSAGES = {
    "InvalidId": "The security token included in the request is invalid.",
    "InvalidToken": "The security token included in the request is invalid.",
    "ExpiredToken": "The security token included in the request is expired",
    "Signature": "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
    "Missing": "Request is missing Authentication Token",
    "Expired": "Request has expired",
}

# Protocols whose errors are JSON, by the name in the signature.
_JSON = {"secretsmanager", "kms", "logs", "ssm", "tagging", "dynamodb", "acm", "ecr", "eks", "lambda", "events", "scheduler", "backup"}


class _Refusal(HTTPException):
    def __init__(self, status: int, text: str, content_type: str):
        super().__init__(text)
        self.code = status
        self._headers = [("Content-Type", content_type)]

    def get_headers(self, *_: object, **__: object) -> list[tuple[str, str]]:
        return self._headers


def credentials(service: str, reason: str) -> Exception:
    """`reason`: a key of `_MESSAGES`."""
    codes = {
        "s3": {"InvalidId": "InvalidAccessKeyId", "Signature": "SignatureDoesNotMatch", "Missing": "AccessDenied", "Expired": "AccessDenied"},
        "ec2": {"InvalidId": "AuthFailure", "Signature": "AuthFailure", "ExpiredToken": "RequestExpired", "Missing": "MissingAuthenticationToken"},
    }.get(service, {"InvalidId": "InvalidClientTokenId", "Signature": "SignatureDoesNotMatch", "Missing": "MissingAuthenticationToken"})
    if service in _JSON:
        codes = {"Signature": "InvalidSignatureException", "ExpiredToken": "ExpiredTokenException", "Missing": "MissingAuthenticationTokenException"}
    code = codes.get(reason, "UnrecognizedClientException" if service in _JSON else reason)
    return _refusal(service, code, _MESSAGES[reason], None)


def denied(service: str, bucket: str | None, who: str, action: str, resource: str, reason: str) -> Exception:
    message = f"User: {who} is not authorized to perform: {action} on resource: {resource} {reason}"
    code = "UnauthorizedOperation" if service == "ec2" else "AccessDeniedException" if service in _JSON else "AccessDenied"
    return _refusal(service, code, message, bucket)


def _refusal(service: str, code: str, message: str, bucket: str | None) -> Exception:
    if service == "s3":
        # moto's own handlers know these classes.
        error: S3ClientError = BucketAccessDeniedError(bucket=bucket) if bucket and code == "AccessDenied" else S3AccessDeniedError()
        error.code, error.message = code, message
        return error
    if service in _JSON:
        return _Refusal(400, json.dumps({"__type": code, "message": message}), "application/x-amz-json-1.1")
    text = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if service == "ec2":
        return _Refusal(403, f"<Response><Errors><Error>{text}</Error></Errors><RequestID>-</RequestID></Response>", "text/xml")
    return _Refusal(403, f"<ErrorResponse><Error><Type>Sender</Type>{text}</Error><RequestId>-</RequestId></ErrorResponse>", "text/xml")
