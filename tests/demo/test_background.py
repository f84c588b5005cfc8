"""The days before the last fourteen come in the background, and go on where they were stopped."""

import pytest

from config.demo import house
from config.demo.history import run
from crm.models import Interaction

pytestmark = pytest.mark.django_db


class Killed(Exception):
    pass


def test_history_goes_on_where_it_was_stopped(monkeypatch) -> None:
    monkeypatch.setattr(run, "ALL", 20)
    monkeypatch.setattr(run, "STEP", 3)
    house.ensure()
    assert run.progress() == (0, 20)
    run.recent(0.02, lambda _text: None)
    assert run.progress() == (14, 20)

    told: list[str] = []

    def stop_in_the_second_chunk(text: str) -> None:
        told.append(text)
        if len(told) == 2:
            raise Killed

    with pytest.raises(Killed):
        run.older(0.02, stop_in_the_second_chunk)
    assert run.progress() == (17, 20)
    before = set(Interaction.objects.values_list("pk", flat=True))

    run.older(0.02, lambda _text: None)
    assert run.progress() == (20, 20)
    assert before < set(Interaction.objects.values_list("pk", flat=True))

    run.older(0.02, lambda _text: None)  # complete: nothing more comes
    assert run.progress() == (20, 20)
