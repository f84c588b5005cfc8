"""The whole product on this machine with one command, until Ctrl-C."""

import errno
import fcntl
import hashlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config import embedded, translations
from config.demo import brake, cuts, links, removal
from config.demo.environment import HOSTS, is_free
from config.demo.history import run as history
from config.supervisor import Program, Supervisor
from crm.models import Pulse
from crm.services import roles

READY_SECONDS = 120.0
LOOK_SECONDS = 0.5
ROLES = ("agent", "manager", "administrator", "auditor", "customer")


class Stop(BaseException):
    """Somebody asked us to end; not an Exception, so that no handler swallows it."""


class Command(BaseCommand):
    help = "Start everything: web, workers, mail, demo data. Ctrl-C stops it and keeps the data."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.began = time.monotonic()
        self.supervisor: Supervisor | None = None
        # Set by hand: a shell that starts us in the background leaves SIGINT ignored.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _ask_to_stop)
        try:
            with _only_demo(settings.VAR_DIR):
                with _enough_space(settings.VAR_DIR):
                    self.prepare()
                self.run()
        except Stop:
            self.say("Stopping…")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            if self.supervisor:
                self.supervisor.stop()
        self.say("Stopped. Your data is kept; `make demo` goes on, `make demo-reset` starts over.")

    def say(self, text: str) -> None:
        try:
            self.stdout.write(f"[{time.monotonic() - self.began:5.1f} s] {text}")
            self.stdout.flush()
        except OSError:
            pass  # the terminal is gone; the work of stopping is not

    # Preparing

    def prepare(self) -> None:
        if not is_free(settings.PORT):
            raise CommandError(
                f"Port {settings.PORT} is taken. Stop what uses it, or choose another one: "
                f"PORT={settings.PORT + 1} make demo"
            )
        self.say("Database and Redis answer")
        if not is_migrated():
            self.say("Bringing the tables up to date")
            call_command("migrate", verbosity=0, interactive=False)
        self.say("Texts and static files")
        translations.compile_all()
        collect_static(settings.VAR_DIR / "static.from")
        roles.ensure()  # as this version ships them: it may come without a migration
        brake.reset()
        Pulse.objects.all().delete()  # those of the last run would look alive for a minute
        self.say("Demo data")
        call_command("seed", stdout=self.stdout)

    # Running

    def run(self) -> None:
        self.supervisor = Supervisor(
            programs(),
            settings.VAR_DIR,
            say=self.say,
            port=settings.PORT,
            mail_listen=settings.MAIL_LISTEN,
            smtp_url=settings.SMTP_URL,
            addresses=addresses(),
            ready=False,
        )
        self.say("Starting web, workers and mail")
        self.supervisor.start()
        self.wait_ready(self.supervisor)
        doors = sign_in_links()
        self.supervisor.start(late=True)
        self.supervisor.record(links=doors, ready=True)
        self.say("Ready")
        self.stdout.write(screen(addresses(), doors))
        self.stdout.flush()
        self.keep(self.supervisor)

    def wait_ready(self, supervisor: Supervisor) -> None:
        deadline = time.monotonic() + READY_SECONDS
        missing = "no answer"
        while True:
            supervisor.look()
            if child := supervisor.hopeless():
                raise CommandError(
                    f"{child.program.name} does not start. The end of its log, {child.log}:\n"
                    + "\n".join(child.log.read_text(errors="replace").splitlines()[-15:])
                )
            status, missing = _readiness()
            if status == 200:
                return
            if time.monotonic() > deadline:
                raise CommandError(
                    f"Not ready after {READY_SECONDS:.0f} seconds: {missing}. "
                    f"Look at the logs in {settings.VAR_DIR / 'log'}."
                )
            time.sleep(0.2)

    def keep(self, supervisor: Supervisor) -> None:
        """Until somebody stops us, or the make that started us was killed."""
        parent = os.getppid() if os.environ.get("BRAVO_UNDER_MAKE") else 0
        while not parent or os.getppid() == parent:
            supervisor.look()
            embedded.still_there()
            self.obey(supervisor)
            time.sleep(LOOK_SECONDS)

    def obey(self, supervisor: Supervisor) -> None:
        """What somebody pressed on the demo's page."""
        for word in cuts.due():
            if word == cuts.WEB:
                supervisor.cut("web", cuts.SECONDS)
            else:
                cuts.kill_redis()
            self.say(f"{word} is cut, as asked on the demo's page")


def _ask_to_stop(*_: object) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stop


@contextmanager
def _enough_space(var: Path) -> Iterator[None]:
    """A full disk is said in a sentence, whether we hit it or the database did."""
    try:
        yield
    except (OSError, DatabaseError) as error:
        full = os.strerror(errno.ENOSPC)
        if full not in str(error) and shutil.disk_usage(var).free > 2**20:
            raise
        raise CommandError(
            f"The disk of {var} is full. Free some space, or set VAR_DIR to a folder on another "
            "disk, and start again; what was made so far is kept."
        ) from error


def _only_demo(var: Path) -> IO[str]:
    """Held while the demo runs: a second one in the same VAR_DIR would share its files."""
    file = (var / "demo.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise CommandError(
            f"A demo already runs in {var}. Stop it, or start a second one beside it: "
            "VAR_DIR=/some/folder PORT=8001 make demo"
        ) from None
    return file


def programs() -> list[Program]:
    web = ("-b", "127.0.0.1", "-p", str(settings.PORT), "--no-server-name")
    # The checks are for whoever changes the code; at each start they load every address.
    celery = ("--skip-checks", "-A", "config.celery")
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    worker = (*celery, "worker", "--loglevel", "INFO", *alone)
    beat = (*celery, "beat", "--pidfile=", "-S", "celery.beat:Scheduler", "--loglevel", "WARNING")
    found = [
        Program("web", "daphne", (*web, "--access-log", os.devnull, "config.asgi:application")),
        Program("live", "celery", (*worker, "-Q", "live", "-n", "live@%h", "-c", "2")),
        Program("slow", "celery", (*worker, "-Q", "slow", "-n", "slow@%h", "-c", "1")),
        Program("beat", "celery", beat),
        Program("listen_mail", "manage", ("listen_mail",)),
        Program("catcher", "manage", ("catcher",)),
    ]
    if removal.was_removed():
        return found
    if os.environ.get("BRAVO_SIMULATE", "1") == "1":  # tests bring their own people
        found += [
            Program(who, "manage", ("simulate", who), once=True, late=True, nice=2)
            for who in ("agents", "customers")
        ]
    days, wanted = history.progress()
    if days < wanted:  # the last 14 days are there; those before come while people look around
        older = ("seed", "--older")
        found.append(Program("history", "manage", older, once=True, tries=5, late=True, nice=10))
    return found


def addresses() -> dict[str, str]:
    root = {name: f"http://{host}:{settings.PORT}" for name, host in HOSTS.items()}
    return {
        "demo": f"{root['portal']}/demo/",
        "portal": f"{root['portal']}/",
        "shop": f"{root['shop']}/boutique/",
        "console": f"{root['console']}/console/",
        "reports": f"{root['manager']}/console/reports/",
        "catcher": f"{root['admin']}/catcher/",
    }


def sign_in_links() -> dict[str, str]:
    """One address per role that signs in, on that role's own host."""
    hosts = {"agent": "console", "administrator": "admin", "customer": "portal"}
    there = links.people()
    return {
        role: f"http://{HOSTS[hosts.get(role, role)]}:{settings.PORT}{links.link(role)}"
        for role in ROLES
        if role in there
    }


def screen(where: dict[str, str], doors: dict[str, str]) -> str:
    words = {
        "demo": "Start here: four doors",
        "portal": "Help portal",
        "shop": "Shop page with the chat",
        "console": "Agents' console",
        "reports": "Reports",
        "catcher": "Mail catcher",
        "agent": "Bea, agent",
        "manager": "Mia, manager",
        "administrator": "Administrator",
        "auditor": "Paul, auditor",
        "customer": "Ada, customer",
    }
    lines = ["", "  Bravo is ready.", ""]
    lines += [f"  {words[name]:<24} {url}" for name, url in where.items()]
    if doors:
        lines += ["", "  Sign in as"]
        lines += [f"  {words[role]:<24} {url}" for role, url in doors.items()]
    return "\n".join([*lines, "", "  Ctrl-C stops everything and keeps the data.", ""])


def is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def collect_static(stamp: Path) -> None:
    """Collect, hash and compress the static files, unless none has changed since."""
    files = sorted(
        (name, os.stat(storage.path(name)).st_mtime_ns)
        for finder in get_finders()
        for name, storage in finder.list(None)
    )
    wanted = hashlib.sha256(repr(files).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(wanted)


def _readiness() -> tuple[int, str]:
    """What /readyz says, asked at 127.0.0.1: Python does not resolve *.localhost everywhere."""
    connection = HTTPConnection("127.0.0.1", settings.PORT, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": f"{HOSTS['portal']}:{settings.PORT}"})
        answer = connection.getresponse()
        return answer.status, answer.read(2000).decode(errors="replace")
    except OSError as error:
        return 0, f"the web server does not answer ({error})"
    finally:
        connection.close()
