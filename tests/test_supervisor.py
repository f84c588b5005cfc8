"""`make demo` ends whole, whoever ends it and however, and comes back with its data."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import embedded
from tests.live import BASE_DIR, LiveDemo, free_port, processes_of, wait_gone

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bravo-live-", ignore_cleanup_errors=True) as name:
        path = Path(name).resolve()
        path.chmod(0o711)
        yield path
        embedded.release(path)
        embedded.remove(path)


@pytest.fixture(scope="module")
def one(folder: Path) -> Iterator[LiveDemo]:
    demo = LiveDemo(folder, scale="0.02")
    yield demo
    demo.stop(signal.SIGKILL)


@pytest.fixture
def demo(one: LiveDemo) -> LiveDemo:
    """Running. One for all stories: a start is what costs here."""
    return one if one.runs() else one.start(preexec_fn=_ignore_interrupt)


def _ignore_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _refusal(demo: LiveDemo, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=BASE_DIR,
        env=demo.environment | more,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    return done.stderr


def test_a_second_demo_is_refused_with_a_sentence_that_says_what_to_do(demo: LiveDemo) -> None:
    assert "A demo already runs in" in _refusal(demo, PORT=str(free_port()))
    other = _refusal(demo, VAR_DIR=str(demo.var / "other"))
    assert f"Port {demo.port} is taken" in other
    assert f"PORT={demo.port + 1} make demo" in other


def test_nothing_listens_beyond_this_machine_and_secrets_are_ours_alone(demo: LiveDemo) -> None:
    ours = {int(line.split()[0]) for line in processes_of(demo.var)}
    assert not _open_to_others(ours)
    for name in ("secret_key", "demo.json", "services.json"):
        assert (demo.var / name).stat().st_mode & 0o777 == 0o600


def test_a_killed_process_comes_back_and_all_end_whatever_their_state(demo: LiveDemo) -> None:
    killed = demo.kill("web")
    demo.wait_answer()
    assert demo.facts()["children"]["web"] != killed

    demo.kill("slow", signal.SIGSTOP)
    assert demo.stop(signal.SIGINT) == 0  # also where the shell left SIGINT ignored
    wait_gone(demo.var)
    assert not (demo.var / "demo.json").exists()


def test_a_killed_demo_leaves_nothing_behind_and_blocks_nothing(demo: LiveDemo) -> None:
    demo.stop(signal.SIGKILL)
    wait_gone(demo.var)

    demo.start()
    assert demo.stop(signal.SIGTERM) == 0
    wait_gone(demo.var)


def _open_to_others(pids: set[int]) -> list[str]:
    """Listening addresses of these processes that are not loopback, from the kernel's table."""
    sockets = set()
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                link = os.readlink(entry)
            except OSError:
                continue
            if link.startswith("socket:["):
                sockets.add(link[8:-1])
    found = []
    for table, loopback in (("tcp", "0100007F"), ("tcp6", "0" * 24 + "01000000")):
        path = Path(f"/proc/net/{table}")
        for line in path.read_text().splitlines()[1:] if path.exists() else ():
            words = line.split()
            address = words[1].partition(":")[0]
            if words[3] == "0A" and words[9] in sockets and address != loopback:
                found.append(words[1])
    return found
