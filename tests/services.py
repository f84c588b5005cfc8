"""What every test run stands on: its own PostgreSQL and Redis, and no network beyond loopback.

tests/settings.py calls `begin` before it reads the product's settings, because pytest-django
reads settings before any conftest.
"""

import atexit
import os
import shutil
import socket
import tempfile
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from config import embedded

PREFIX = "bravo-test-"
MARK = "BRAVO_TEST_VAR_DIR"  # set by the first process; xdist's workers inherit it


def begin() -> Path:
    """Start the services of this run, once; each xdist worker gets a Redis number of its own."""
    if MARK not in os.environ:
        os.environ[MARK] = os.environ["VAR_DIR"] = str(_own_folder())
        os.environ["BRAVO_SERVICES_FAST"] = os.environ["BRAVO_DEMO"] = "1"
        embedded.provide()
        os.environ["BRAVO_TEST_REDIS_URL"] = os.environ["REDIS_URL"]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        plain = os.environ["BRAVO_TEST_REDIS_URL"].partition("?")[0]
        number = int(worker.removeprefix("gw")) + 1
        unix = plain.startswith("unix:")
        os.environ["REDIS_URL"] = (
            f"{plain}?db={number}" if unix else f"{plain.rsplit('/', 1)[0]}/{number}"
        )
    var = Path(os.environ[MARK])
    (var / "static").mkdir(exist_ok=True)
    return var


def _own_folder() -> Path:
    if given := os.environ.get("TEST_VAR_DIR"):
        return Path(given).resolve()
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if os.access(old, os.W_OK) and not embedded.in_use(old):
            _remove(old)  # left by a run that was killed
    folder = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    folder.chmod(0o711)  # root's servers run as `nobody`, who must be able to pass
    atexit.register(_remove, folder)
    return folder


def _remove(folder: Path) -> None:
    embedded.release(folder)
    embedded.remove(folder)
    shutil.rmtree(folder, ignore_errors=True)


def refuse_network() -> None:
    """A test that reaches beyond this machine fails at once, and says where it went."""
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))


def _guarded(original: Any) -> Any:
    def connect(self: socket.socket, address: Any, *rest: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_near(address[0]):
            raise RuntimeError(f"Tests stay on this machine; this one wanted {address!r}.")
        return original(self, address, *rest)

    return connect


def _is_near(host: str) -> bool:
    if host in ("localhost", "") or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
