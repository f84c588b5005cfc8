"""How PostgreSQL and Redis are made, begun, asked and cleaned up after."""

import contextlib
import errno
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg

from config.embedded.places import Places, ServicesError, own_folder, postgres_bin, redis_program

MAJOR = "18"
CONNECTIONS = 200


def as_user(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """What Popen and run need for a server: its user, and nothing of our environment."""
    options: dict[str, Any] = {"env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}
    if user:
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return options


def _fast() -> bool:
    """Tests give up durability for speed; the demo never does."""
    return os.environ.get("BRAVO_SERVICES_FAST") == "1"


def postgres_command(here: Places) -> list[str] | None:
    """The server's command line over a data folder that is ready, or None without the wheel."""
    programs = postgres_bin(here)
    if not programs:
        return None
    data = here.data / "postgres"
    _make_cluster(here, programs, data)
    _write_access(here, data)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(here.run),
        "max_connections": CONNECTIONS,
        "logging_collector": "off",
        "log_timezone": "UTC",
        "timezone": "UTC",
    }
    if _fast():
        # every commit is handed to the system, nothing is waited for: a killed server loses nothing
        settings |= {"fsync": "off", "full_page_writes": "off"}
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    return [str(programs / "postgres"), "-D", str(data), "-p", "5432", *options]


def _make_cluster(here: Places, programs: Path, data: Path) -> None:
    version = data / "PG_VERSION"
    if version.exists():
        if (found := version.read_text().strip()) != MAJOR:
            raise ServicesError(
                f"{data} was made by PostgreSQL {found}, this is {MAJOR}. Run `make demo-reset`."
            )
        return
    # Made beside and renamed, so that an interrupted start leaves nothing half done.
    unfinished = data.with_name("postgres.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    own_folder(unfinished, here.user)
    command = [
        *(str(programs / "initdb"), "-D", str(unfinished), "-U", "bravo", "-E", "UTF8"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        *("--auth=peer", "--no-instructions", *(["--no-sync"] if _fast() else [])),
    ]
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        **as_user(here.user),
    )
    if done.returncode:
        # its last lines only tell how it cleaned up
        told = done.stderr.strip().splitlines() or ["no reason given"]
        reason = next((line for line in told if "error:" in line or "FATAL" in line), told[-1])
        raise ServicesError(f"The embedded PostgreSQL cannot be set up in {here.data}: {reason}")
    unfinished.rename(data)


def _write_access(here: Places, data: Path) -> None:
    """Only our own system user may be `bravo`: the kernel says who asks, so no password."""
    me = pwd.getpwuid(os.geteuid()).pw_name
    files = {
        "pg_hba.conf": "local all all peer map=bravo\n",
        "pg_ident.conf": f"bravo {me} bravo\n",
    }
    for name, text in files.items():
        path = data / name
        path.write_text(text)
        path.chmod(0o600)
        if here.user:
            os.chown(path, here.user.pw_uid, here.user.pw_gid)


def _connect(here: Places) -> psycopg.Connection:
    return psycopg.connect(
        host=str(here.run),
        port=5432,
        user="bravo",
        dbname="postgres",
        password="",
        connect_timeout=2,
        autocommit=True,
    )


def postgres_ready(here: Places) -> bool:
    try:
        _connect(here).close()
    except psycopg.OperationalError:
        return False
    return True


def make_database(here: Places) -> None:
    with _connect(here) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'bravo'").fetchone():
            connection.execute("CREATE DATABASE bravo")


def redis_command(here: Places) -> list[str] | None:
    """Redis holds hints and tasks in flight; nothing in it must outlive a stop."""
    program = redis_program(here)
    if not program:
        return None
    data = here.data / "redis"
    own_folder(data, here.user)
    return [
        *(str(program), "--port", "0", "--unixsocket", str(here.redis_socket)),
        *("--unixsocketperm", "700", "--dir", str(data), "--databases", "64"),
        *("--save", "", "--appendonly", "no", "--daemonize", "no"),
    ]


def redis_ready(here: Places) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(here.redis_socket))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def end_leftovers(*folders: Path) -> None:
    """End what a killed guardian or a killed server left behind, and forget its pid file.

    It stands in its data folder, which is how we know it from a reused process number.
    """
    deadline = time.monotonic() + 15
    asked: set[int] = set()
    while left := _standing_in({str(folder) for folder in folders}):
        number = signal.SIGKILL if time.monotonic() > deadline else signal.SIGTERM
        for pid in left - asked if number == signal.SIGTERM else left:
            _signal(pid, number)
        asked |= left
        time.sleep(0.05)
    if Path("/proc/self/cwd").exists():
        for folder in folders:
            (folder / "postmaster.pid").unlink(missing_ok=True)


def _standing_in(folders: set[str]) -> set[int]:
    found = set()
    for entry in Path("/proc").glob("[0-9]*") if Path("/proc/self").exists() else ():
        try:
            if str((entry / "cwd").readlink()) in folders:
                found.add(int(entry.name))
        except OSError:
            continue
    return found


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it wrote no log"


def explain(error: Exception, here: Places) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"No space is left on the disk of {here.data}. Free some and start again."
    return (
        f"The embedded services could not start ({type(error).__name__}: {error}). "
        f"Look at {here.logs / 'guardian.log'}."
    )
