"""The one process per VAR_DIR that owns PostgreSQL and Redis: `-m config.embedded.guardian`.

It inherits the guardian's lock, starts both servers, writes where they are to services.json,
starts a server again that died, and stops both when no user holds the users' lock any more.
"""

import ctypes
import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from config.embedded import servers
from config.embedded.places import Places, ServicesError, own_folder, places

LOOK_SECONDS = 0.25
RESTARTS = 5  # in a row, before a server that cannot live is given up
PR_SET_PDEATHSIG = 1


class Server:
    """One child: started, waited for, restarted, stopped."""

    def __init__(
        self,
        name: str,
        command: list[str],
        here: Places,
        *,
        stop: signal.Signals,
        ready: Callable[[], bool],
    ) -> None:
        self.name, self.command, self.here, self.stop_signal = name, command, here, stop
        self.folder = here.data / {"postgresql": "postgres"}.get(name, name)
        self.ready = ready
        self.failures = 0
        self.started = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.started = time.monotonic()
        with (self.here.logs / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Runs after the change of user, which would clear it.
                preexec_fn=_end_with_parent(self.stop_signal),
                start_new_session=True,
                **servers.as_user(self.here.user),
            )

    def wait_ready(self, seconds: float = 40) -> None:
        deadline = time.monotonic() + seconds
        while not self.ready():
            if self.dead() or time.monotonic() > deadline:
                log = self.here.logs / f"{self.name}.log"
                raise ServicesError(
                    f"The embedded {self.name} did not start: {servers.last_line(log)}\n"
                    f"The whole log is {log}."
                )
            time.sleep(0.02)

    def dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def revive(self) -> None:
        """Start again, at most RESTARTS times in a row, slower each time; then it is given up.
        Backends in the middle of a long statement outlive a killed PostgreSQL, which does not
        start beside them."""
        self.failures = 0 if time.monotonic() - self.started > 60 else self.failures + 1
        time.sleep(0.2 * self.failures)
        servers.end_leftovers(self.folder)
        self.start()
        try:
            self.wait_ready()
        except ServicesError:
            if self.failures >= RESTARTS:
                raise

    def stop(self) -> None:
        if not self.process or self.process.poll() is not None:
            return
        for number, seconds in ((self.stop_signal, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
                return
            except subprocess.TimeoutExpired:
                continue


def _end_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None  # there, the next guardian ends what a killed one left
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0) and None


class Guardian:
    def __init__(self, here: Places) -> None:
        self.here = here
        self.servers: list[Server] = []
        self.urls: dict[str, str] = {}
        self.sockets: list[str] = []

    def start(self) -> None:
        own_folder(self.here.data, self.here.user)
        servers.end_leftovers(self.here.data / "postgres", self.here.data / "redis")
        own_folder(self.here.run, self.here.user)
        for stale in self.here.run.iterdir():
            stale.unlink()
        postgres = servers.postgres_command(self.here)
        redis = servers.redis_command(self.here)
        if redis:
            self._add("redis", redis, self.here.redis_socket, signal.SIGTERM)
            self.urls["REDIS_URL"] = f"unix://{self.here.redis_socket}?db=0"
        if postgres:
            self._add("postgresql", postgres, self.here.postgres_socket, signal.SIGINT)
            host = quote(str(self.here.run), safe="/")
            self.urls["DATABASE_URL"] = f"postgres://bravo@:5432/bravo?host={host}"
        for server in self.servers:
            server.wait_ready()
        self._close_door()
        if postgres:
            servers.make_database(self.here)

    def _add(self, name: str, command: list[str], socket: Path, stop: signal.Signals) -> None:
        probe = servers.redis_ready if name == "redis" else servers.postgres_ready
        server = Server(name, command, self.here, stop=stop, ready=lambda: probe(self.here))
        server.start()
        self.servers.append(server)
        self.sockets.append(str(socket))

    def _close_door(self) -> None:
        """Servers that run as `nobody` listen by now: from here only root may reach them."""
        if self.here.user:
            os.chown(self.here.run, 0, 0)

    def serve(self, users: int) -> None:
        """Until nobody holds the users' lock; it is then ours, and newcomers wait."""
        while not _nobody_left(users):
            for server in self.servers:
                if server.dead():
                    own_folder(self.here.run, self.here.user)
                    server.revive()
                    self._close_door()
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        for server in reversed(self.servers):
            server.stop()

    def tell(self, **state: object) -> None:
        new = self.here.state.with_name(f".services.{secrets.token_hex(4)}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(state, file)
        new.replace(self.here.state)


def _nobody_left(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _leave(*_: object) -> None:
    raise SystemExit(0)


def main() -> int:
    # Handlers, not SIG_IGN, which the servers would inherit.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGHUP, lambda *_: None)
    signal.signal(signal.SIGTERM, _leave)
    here = places(Path(sys.argv[1]))
    guardian = Guardian(here)
    with here.users_lock.open("a") as users:
        try:
            guardian.start()
            guardian.tell(pid=os.getpid(), sockets=guardian.sockets, **guardian.urls)
            guardian.serve(users.fileno())
            here.state.unlink(missing_ok=True)
        except ServicesError as error:
            guardian.tell(error=str(error), sockets=[])
            return 1
        except Exception as error:
            traceback.print_exc()
            guardian.tell(error=servers.explain(error, here), sockets=[])
            return 1
        finally:
            guardian.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
