"""The emulated AWS region: moto with our fixes, access control switched on from the first request.

usage: server.py --address ADDRESS --port PORT --state FOLDER [--images FILE] [--without FIX,FIX,...]

Writes into the state folder, each readable by its owner only:
  credentials.json  access keys of the emulated users `deployer` and `region` (see accounts.py), made anew at each start
  calls.jsonl       one line per API call (see calls.py)
  process.json      who runs it: pid and start time
  ready.json        endpoint and process, once a request to the own address was answered
"""

from __future__ import annotations

import argparse
import fcntl
import importlib
import json
import os
import pkgutil
import shutil
import signal
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ACCOUNT_ID = "000000000000"

# Exit code when another server has the state folder.
ALREADY_RUNNING = 3

# Read by moto while it is imported, so set before.
SETTINGS = {
    # Twelve zeros are never given to a customer: real credentials cannot match.
    "MOTO_ACCOUNT_ID": ACCOUNT_ID,
    # Judge every call by the caller's policies, from the first one.
    "INITIAL_NO_AUTH_ACTION_COUNT": "0",
    # Attach AWS's managed policies by their ARN, as on AWS.
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    # Seconds until a certificate counts as validated; there is no DNS to wait for.
    "MOTO_ACM_VALIDATION_WAIT": "1",
    # Refuse images and instance types that do not exist, as AWS does.
    "MOTO_ENABLE_AMI_VALIDATION": "1",
    "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "1",
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True, help="0: any free one")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--images", type=Path, help="JSON file with the machine images that exist")
    parser.add_argument("--without", default="", help="fixes to leave out, or `all`; only tests want that")
    parser.add_argument("--follow", type=int, help="process with which this one ends; then it removes its state folder")
    options = parser.parse_args()

    os.umask(0o077)
    options.state.mkdir(parents=True, exist_ok=True)
    # Held until this process ends, however it ends.
    lock = (options.state / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(ALREADY_RUNNING)
    (options.state / "ready.json").unlink(missing_ok=True)
    write_json(options.state / "process.json", identity())
    os.environ.update(SETTINGS)
    if options.images is not None:
        os.environ["MOTO_AMIS_PATH"] = str(options.images)
    # Objects over a few megabytes lie in temporary files: inside the state folder, so that stopping leaves nothing elsewhere.
    objects = options.state / "objects"
    objects.mkdir(exist_ok=True)
    tempfile.tempdir = str(objects)

    serve(options)


def serve(options: argparse.Namespace) -> None:
    from werkzeug.serving import make_server

    import accounts
    import calls
    from application import Application

    calls.start(options.state / "calls.jsonl")
    apply_fixes(leave_out=options.without.split(","))
    write_json(options.state / "credentials.json", accounts.create(ACCOUNT_ID))

    server = make_server(options.address, options.port, Application(), threaded=True)
    # Threads of open requests must not outlive a stop.
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    endpoint = f"http://{options.address}:{server.server_port}"
    threading.Thread(target=announce, args=(endpoint, options.state / "ready.json"), daemon=True).start()
    if options.follow is not None:
        threading.Thread(target=follow, args=(options.follow, options.state), daemon=True).start()
    server.serve_forever()


def apply_fixes(leave_out: list[str]) -> None:
    """Each module in `fixes` repairs one defect of moto; its docstring says which."""
    import fixes

    names = [module.name for module in pkgutil.iter_modules(fixes.__path__)]
    unknown = set(leave_out) - set(names) - {"", "all"}
    if unknown:
        sys.exit(f"--without: unknown fix, got {sorted(unknown)}; expected some of {sorted(names)}")
    for name in names:
        if "all" not in leave_out and name not in leave_out:
            importlib.import_module(f"fixes.{name}").apply()


def announce(endpoint: str, file: Path) -> None:
    with urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=60) as answer:
        answer.read()
    write_json(file, {"endpoint": endpoint, "process": identity()})


def follow(pid: int, state: Path) -> None:
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.5)
    shutil.rmtree(state, ignore_errors=True)
    os._exit(0)


def identity() -> dict[str, object]:
    """Pid and start time, as sandbox/host/processes.ts compares them."""
    pid = os.getpid()
    return {"pid": pid, "startTime": Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split(" ")[19]}


def write_json(file: Path, value: object) -> None:
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(value, indent=2) + "\n")
    partial.rename(file)


if __name__ == "__main__":
    main()
