"""An upload in chunks takes time in the square of its size: 78 s for 150 MB, 1 s with this fix.

SDKs send streams as chunks with a checksum behind them; moto appends each to an immutable value, which copies all before it.
"""

from __future__ import annotations

import io

from moto.s3.responses import S3Response


def apply() -> None:
    S3Response._handle_encoded_body = _handle_encoded_body


def _handle_encoded_body(self: S3Response, body: io.BufferedIOBase | bytes) -> bytes:
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    chunks = []
    # `<size in hex>[;extension]\r\n<bytes>\r\n`, the last one of size 0; the checksum's line follows.
    while size := int(stream.readline().split(b";")[0].strip() or b"0", 16):
        chunks.append(stream.read(size))
        stream.readline()
    return b"".join(chunks)
