"""Record of every API call: one JSON object per line, in the order of the calls."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import IO

_file: IO[str] | None = None
_lock = threading.Lock()


def start(file: Path) -> None:
    global _file
    _file = file.open("w", buffering=1)


def record(*, principal: str, service: str, action: str, resource: str, region: str, allowed: bool, reason: str | None = None) -> None:
    if _file is None:
        return
    line = {
        "at": round(time.time(), 3),
        "principal": principal,
        "service": service,
        "action": action,
        "resource": resource,
        "region": region,
        "allowed": allowed,
    }
    if reason is not None:
        line["reason"] = reason
    with _lock:
        _file.write(json.dumps(line) + "\n")
