"""What the supervisor does with each kind of child."""

import time
from collections.abc import Iterator

import pytest

from config.supervisor import Program, Supervisor


@pytest.fixture
def watch(tmp_path) -> Iterator:
    made: list[Supervisor] = []

    def begin(*programs: Program) -> Supervisor:
        made.append(Supervisor(programs, tmp_path, say=lambda _text: None))
        return made[-1]

    yield begin
    for one in made:
        one.stop()


def look_until(watched: Supervisor, done) -> None:
    deadline = time.monotonic() + 120
    while not done():
        assert time.monotonic() < deadline
        watched.look()
        time.sleep(0.05)


def test_work_that_has_ended_well_is_not_started_again(watch) -> None:
    watched = watch(Program("ends", "this", once=True))
    (child,) = watched.children
    watched.start()
    look_until(watched, lambda: child.resting)
    first = child.process
    watched.look()
    assert child.process is first
    assert child.failures == 0


def test_work_that_cannot_be_done_is_given_up_and_stops_nobody(watch) -> None:
    watched = watch(Program("fails", "no_such_module", once=True, tries=2, late=True))
    (child,) = watched.children
    watched.start()
    watched.look()
    assert child.process is None  # late ones wait to be asked for
    watched.start(late=True)
    look_until(watched, lambda: child.resting)
    assert child.failures == 2
    assert watched.hopeless() is None


def test_whoever_is_never_given_up_is_started_however_often_they_fell(watch) -> None:
    watched = watch(Program("agents", "no_such_module", once=True, late=True))
    (child,) = watched.children
    watched.start(late=True)
    child.failures = 5000
    look_until(watched, lambda: child.failures > 5000)
    assert not child.resting


def test_what_is_cut_comes_back_after_its_time_and_is_no_failure(watch) -> None:
    watched = watch(Program("web", "http.server", ("0", "--bind", "127.0.0.1")))
    (child,) = watched.children
    watched.start()
    first = child.process
    watched.cut("web", 500.0)
    watched.look()
    assert child.process is first
    assert not child.running
    child.again -= 500.0
    watched.look()
    assert child.process is not first
    assert (child.running, child.failures) == (True, 0)


def test_a_child_that_keeps_dying_is_named(watch) -> None:
    watched = watch(Program("web", "no_such_module"))
    watched.start()
    look_until(watched, lambda: watched.hopeless() is not None)
    hopeless = watched.hopeless()
    assert hopeless
    assert "No module named no_such_module" in hopeless.log.read_text()
