"""Two conditional writes at once can both win.

moto looks for the object and stores the new one in two steps that other requests may come between. AWS lets one writer win and
answers the others 412: locks (Terraform's state) and first-writer-wins documents rest on that.
"""

from __future__ import annotations

import threading
from typing import Any, Callable

from moto.s3.responses import S3Response

_writing = threading.Lock()


def apply() -> None:
    for name in ("put_object", "delete_object", "_key_response_post"):
        setattr(S3Response, name, _alone(getattr(S3Response, name)))


def _alone(stock: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: S3Response, *args: Any, **kwargs: Any) -> Any:
        # The body has arrived already, so nobody waits for somebody else's network.
        with _writing:
            return stock(self, *args, **kwargs)

    method.__name__ = stock.__name__
    return method
