"""The embedded PostgreSQL and Redis: shared, ended with their last user, never in the way."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from config import embedded
from tests.live import BASE_DIR, clean_environment, processes_of, wait_gone

# A user of the services: says where they are, proves that they work, stays until told to go.
USER = """
import json, os, sys, psycopg, redis
from config import embedded
try:
    embedded.provide()
except embedded.ServicesError as error:
    sys.exit(str(error))
from config.settings import DATABASES
d = DATABASES["default"]
with psycopg.connect(host=d["HOST"], port=d["PORT"], user=d["USER"], dbname=d["NAME"]) as c:
    c.execute("SELECT pg_advisory_xact_lock(1)")
    c.execute("CREATE TABLE IF NOT EXISTS seen (n int)")
    c.execute("INSERT INTO seen VALUES (1)")
    seen = c.execute("SELECT count(*) FROM seen").fetchone()[0]
pong = redis.Redis.from_url(os.environ["REDIS_URL"]).ping()
print(json.dumps({"seen": seen, "pong": pong, "host": d["HOST"]}), flush=True)
sys.stdin.read()
"""

# A backend in a statement that looks at nothing until it is done, long after its server's death.
BUSY = """
import sys, psycopg
with psycopg.connect(host=sys.argv[1], port=5432, user="bravo", dbname="bravo") as c:
    print("busy", flush=True)
    c.execute("SELECT count(*) FROM generate_series(1, 20000) a, generate_series(1, 20000) b")
"""


class User:
    def __init__(self, var: Path, **more: str) -> None:
        environment = clean_environment(VAR_DIR=str(var), **more)
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER],
            cwd=BASE_DIR,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def hello(self) -> dict:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            assert self.process.stderr
            raise AssertionError(self.process.stderr.read())
        return json.loads(line)

    def leave(self, number: int = 0) -> None:
        if number:
            self.process.send_signal(number)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()  # the end of its input is its leave
        self.process.wait()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bravo-var-", ignore_cleanup_errors=True) as name:
        path = Path(name).resolve()
        path.chmod(0o711)
        yield path
        wait_gone(path)
        embedded.remove(path)


@pytest.fixture
def user(folder: Path) -> Iterator[Callable[..., User]]:
    users = []

    def make(var: Path = folder, **more: str) -> User:
        users.append(User(var, **more))
        return users[-1]

    yield make
    for one in users:
        one.leave(signal.SIGKILL)


def guardian(var: Path) -> int:
    return int(json.loads((var / "services.json").read_text())["pid"])


def test_two_users_share_the_services_and_the_last_one_ends_them(user, folder) -> None:
    first = user()
    assert first.hello()["pong"]
    second = user()
    assert second.hello()["seen"] == 2
    first.leave()
    time.sleep(1)
    assert processes_of(folder)
    second.leave()
    wait_gone(folder)
    again = user()
    assert again.hello()["seen"] == 3  # the data is kept


def test_users_who_come_together_get_one_guardian(user, folder) -> None:
    users = [user() for _ in range(3)]
    assert sorted(one.hello()["seen"] for one in users) == [1, 2, 3]
    assert sum("config.embedded.guardian" in line for line in processes_of(folder)) == 1


def test_a_killed_user_leaves_nothing_behind(user, folder) -> None:
    one = user()
    one.hello()
    one.leave(signal.SIGKILL)
    wait_gone(folder)


def test_a_killed_guardian_does_not_block_the_next_start(user, folder) -> None:
    one = user()
    one.hello()
    os.kill(guardian(folder), signal.SIGKILL)
    assert user().hello()["seen"] == 2


def test_killed_servers_and_their_files_do_not_block_the_next_start(user, folder) -> None:
    durable = {"BRAVO_SERVICES_FAST": ""}
    one = user(**durable)
    one.hello()
    one.process.kill()
    for line in processes_of(folder):
        with suppress(ProcessLookupError):  # the guardian's death may have ended it before us
            os.kill(int(line.split()[0]), signal.SIGKILL)
    one.leave()
    assert list((folder / "run").iterdir())
    assert user(**durable).hello()["seen"] == 2


def kill_server(folder: Path, words: str) -> str:
    server = next(line for line in processes_of(folder) if words in line)
    os.kill(int(server.split()[0]), signal.SIGKILL)
    return server


def wait_for_another(folder: Path, words: str, *, than: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not any(words in line for line in set(processes_of(folder)) - {than}):
        assert time.monotonic() < deadline
        time.sleep(0.1)  # a process of its own: only looking tells


def test_a_server_that_dies_is_started_again(user, folder) -> None:
    user().hello()
    server = kill_server(folder, "redis-server")
    wait_for_another(folder, "redis-server", than=server, seconds=20)
    assert user().hello()["pong"]


def test_postgresql_killed_in_the_middle_of_a_long_statement_is_started_again(user, folder) -> None:
    host = user().hello()["host"]
    busy = subprocess.Popen([sys.executable, "-c", BUSY, host], stdout=subprocess.PIPE)
    assert busy.stdout
    assert busy.stdout.readline()
    server = kill_server(folder, "postgres -D")
    busy.kill()
    busy.communicate()
    wait_for_another(folder, "postgres -D", than=server, seconds=40)
    assert user().hello()["seen"] == 2


def test_two_folders_stand_side_by_side(user, folder) -> None:
    other = folder / "other"
    assert user(folder).hello()["seen"] == 1
    assert user(other).hello()["seen"] == 1


def test_a_folder_whose_path_is_too_long_for_a_socket(user, folder) -> None:
    deep = folder / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    host = user(deep).hello()["host"]
    assert len(host) < 90
    embedded_places = embedded.places(deep)
    assert str(embedded_places.run) == host
    wait = user(deep)
    assert wait.hello()["seen"] == 2


def test_the_data_is_where_the_servers_user_can_reach_it(user, folder) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    one = user(closed / "var")
    # Root's servers run as `nobody`, who may not pass here.
    place = "/var/lib/bravo/" if os.geteuid() == 0 else str(closed)
    assert one.hello()["host"].startswith(place)
    assert closed.stat().st_mode & 0o777 == 0o700
    one.leave()
    wait_gone(closed)
    embedded.remove(closed / "var")


def test_only_we_may_enter_the_folder_of_the_sockets(user) -> None:
    folder = Path(user().hello()["host"])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_uid == os.geteuid()


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(user) -> None:
    one = user(Path("/proc/nowhere"))
    with pytest.raises(AssertionError, match=r"^VAR_DIR=/proc/nowhere cannot be written"):
        one.hello()


def test_services_of_ones_own_are_used_and_nothing_is_started(folder) -> None:
    environment = clean_environment(
        VAR_DIR=str(folder), DATABASE_URL="postgres://a@db/b", REDIS_URL="redis://cache/0"
    )
    code = (
        "from config import embedded; embedded.provide(); import os; print(os.environ['REDIS_URL'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == "redis://cache/0"
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("manage.py migrate", True),
        ("manage.py demo", True),
        ("manage.py shell", True),
        ("manage.py parse_mail x.eml", False),
        ("manage.py makemessages", False),
        ("manage.py migrate --help", False),
        ("manage.py", False),
    ],
)
def test_commands_that_need_no_services_start_none(line: str, needs: bool) -> None:
    assert embedded.needs_services(line.split()) is needs
