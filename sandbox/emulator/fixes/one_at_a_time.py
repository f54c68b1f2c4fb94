"""Requests that come at once spoil each other.

moto serves each in a thread of its own and locks nothing: two conditional writes of one object can both win (AWS answers all but one
412; Terraform's state lock and first-writer-wins documents rest on that), and a listing breaks when something is added meanwhile.
Here requests are handled one after the other; receiving and sending them stays side by side, so big objects block nobody.
"""

from __future__ import annotations

import threading
from typing import Any, Callable

from moto.core.responses import BaseResponse
from moto.s3.responses import S3Response

_handling = threading.RLock()


def apply() -> None:
    # By then the request's body is here; the answer is sent after.
    for owner, name in ((BaseResponse, "call_action"), (S3Response, "_key_response"), (S3Response, "_bucket_response")):
        setattr(owner, name, _alone(getattr(owner, name)))


def _alone(stock: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: BaseResponse, *args: Any, **kwargs: Any) -> Any:
        with _handling:
            return stock(self, *args, **kwargs)

    method.__name__ = stock.__name__
    return method
