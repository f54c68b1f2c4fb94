"""The web application: moto's, behind a gate that keeps what access control needs."""

from __future__ import annotations

import io
from typing import Any, Callable, Iterable

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

# Forms are the calls of the query APIs (EC2, IAM, ...); AWS takes no more of one.
LARGEST_FORM = 10 * 1024 * 1024

StartResponse = Callable[..., Any]


class Application:
    def __init__(self) -> None:
        self.moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        # moto's own interface switches access control off and empties the account: only its front page is served (it says
        # that the emulator answers).
        if environ["PATH_INFO"].startswith("/moto-api/") and environ["PATH_INFO"] != "/moto-api/":
            start_response("404 Not Found", [("content-type", "text/plain")])
            return [b"not served here\n"]
        # Parsing a form eats its text, and the signature covers that text.
        if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
            length = int(environ.get("CONTENT_LENGTH") or 0)
            if length > LARGEST_FORM:
                start_response("413 Request Entity Too Large", [("content-type", "text/plain")])
                return [b"form too large\n"]
            environ["edge_fleet.form"] = environ["wsgi.input"].read(length)
            environ["wsgi.input"] = io.BytesIO(environ["edge_fleet.form"])
        return self.moto(environ, start_response)
