"""Keeps a handful of child processes alive, and ends all of them with itself.

A child is a Python module under config.leash: it dies when our end of its pipe closes, so also
after kill -9 of this process. One that dies by itself is started again, slower each time.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.leash import NICE, PIPE

BASE_DIR = Path(__file__).resolve().parent.parent
STOP_SECONDS = 8.0
CALM_SECONDS = 30.0  # a child that lived this long starts its back-off anew
LONGEST_WAIT = 10.0


@dataclass(frozen=True)
class Program:
    """One child: a name for people, the module to run and its arguments."""

    name: str
    module: str
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    once: bool = False  # has work with an end: when it ended well, it is not started again
    tries: int = 0  # in a row, where its work may turn out impossible; 0: for ever
    late: bool = False  # starts when the others answer; nobody waits for it
    nice: int = 0  # how far behind the others it stands for the processor


class Child:
    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.failures = 0
        self.started = 0.0
        self.again = 0.0  # not before this moment
        self._leash: int | None = None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def resting(self) -> bool:
        """Nothing to revive: not asked for yet, or its work is done, or cannot be."""
        if self.process is None:
            return True
        if self.program.once and self.process.poll() == 0:
            return True
        return 0 < self.program.tries <= self.failures

    def start(self) -> None:
        self._let_go()
        theirs, ours = os.pipe()
        self.started = time.monotonic()
        try:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "config.leash",
                        self.program.module,
                        *self.program.arguments,
                    ],
                    cwd=BASE_DIR,
                    env={
                        **os.environ,
                        **self.program.environment,
                        PIPE: str(theirs),
                        NICE: str(self.program.nice),
                    },
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[theirs],
                    # The terminal's Ctrl-C reaches us alone; we end the children in order.
                    start_new_session=True,
                )
        finally:
            os.close(theirs)
        self._leash = ours

    def revive(self, say: Callable[[str], None]) -> None:
        """Start a dead child again when its waiting time is over."""
        if self.running or self.resting:
            return
        now = time.monotonic()
        if not self.again:
            self.failures = 0 if now - self.started > CALM_SECONDS else self.failures + 1
            self.again = now + min(LONGEST_WAIT, 0.5 * (2 ** min(8, max(0, self.failures - 1)) - 1))
            self.kill()  # what is left of its group
            code = self.process.returncode if self.process else None
            say(f"{self.program.name} ended ({code}); starting it again. Log: {self.log}")
        if now >= self.again:
            self.again = 0.0
            self.start()

    def ask(self) -> None:
        """Ask for an orderly end, also of a child that somebody paused."""
        if self.running and self.process:
            self.process.terminate()
            self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """The child's whole group: a worker's own children included."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> None:
        self.kill()
        if self.process is not None:
            self.process.wait()
        self._let_go()

    def _let_go(self) -> None:
        if self._leash is not None:
            os.close(self._leash)
            self._leash = None


class Supervisor:
    def __init__(
        self, programs: Sequence[Program], var: Path, *, say: Callable[[str], None], **facts: object
    ) -> None:
        logs = var / "log"
        logs.mkdir(parents=True, exist_ok=True)
        self.state = var / "demo.json"
        self.facts = facts  # what others may read of this run: addresses, ports
        self.say = say
        self.children = [Child(program, logs / f"{program.name}.log") for program in programs]

    def start(self, *, late: bool = False) -> None:
        """Start the programs that must answer; then, with `late`, the others."""
        for child in self.children:
            if child.program.late == late:
                child.start()
        self.record()

    def look(self) -> None:
        """One round: start again what died."""
        before = [child.process for child in self.children]
        for child in self.children:
            child.revive(self.say)
        if before != [child.process for child in self.children]:
            self.record()

    def cut(self, name: str, seconds: float) -> None:
        """Kill a child; it comes back after these seconds and not before."""
        child = next(child for child in self.children if child.program.name == name)
        child.end()
        child.again = time.monotonic() + seconds

    def hopeless(self) -> Child | None:
        """A child that keeps dying, for whoever waits for the whole to be ready."""
        needed = [child for child in self.children if not child.program.late]
        return next((child for child in needed if child.failures >= 3), None)

    def stop(self) -> None:
        """End every child, whatever state it is in, within STOP_SECONDS."""
        for child in self.children:
            child.ask()
        deadline = time.monotonic() + STOP_SECONDS
        while any(child.running for child in self.children) and time.monotonic() < deadline:
            time.sleep(0.05)
        for child in self.children:
            child.end()
        self.state.unlink(missing_ok=True)

    def record(self, **more: object) -> None:
        """Write who runs where to VAR_DIR/demo.json (0600: it holds links that sign in)."""
        self.facts |= more
        children = {
            child.program.name: child.process.pid for child in self.children if child.process
        }
        new = self.state.with_name(f".demo.{secrets.token_hex(4)}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"pid": os.getpid(), "children": children, **self.facts}, file, indent=1)
        new.replace(self.state)
