"""My day: an agent's own figures and comments; the pulse is asked at the desk."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import ExchangePulse, Macro, WeekPulse
from crm.reports.rollup import build
from crm.services import agent_pulse, interactions, posting
from tests.crm.test_desk import chat, desk, signed_in

__all__ = ["chat", "desk", "signed_in"]  # fixtures

pytestmark = pytest.mark.django_db
PAGE = "/console/my-day/"


def test_i_read_my_own_figures_and_nobody_elses(desk, bea, carl, chat, mia, signed_in):
    for agent, score in ((bea, 5), (carl, 1)):
        row = chat(agent)
        posting.post(row, author="agent", agent=agent, text="Voilà")
        interactions.rate(interactions.close(row, by=agent, outcome="solved"), score)
    this_week = desk.get(PAGE).context["weeks"][0][1]
    assert [shown for shown, _beside in this_week][0] == "1"
    assert "100" in this_week[2][0] + this_week[2][1] or "5" in this_week[2][0]
    assert "Carl" not in desk.get(PAGE).content.decode()
    assert signed_in(mia).get(PAGE).status_code == 403


def test_my_day_costs_the_same_with_a_long_history(desk, bea, chat, django_assert_num_queries):
    interactions.close(chat(bea), by=bea, outcome="solved")
    build.complete(600)
    interactions.close(chat(bea), by=bea, outcome="solved")  # not counted yet
    desk.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        desk.get(PAGE)
    assert len(few) <= 17
    for _n in range(8):
        interactions.close(chat(bea), by=bea, outcome="solved")
    with django_assert_num_queries(len(few)):
        desk.get(PAGE)


def test_after_some_exchanges_the_desk_asks_how_it_was(
    desk, bea, carl, chat, signed_in, monkeypatch
):
    monkeypatch.setattr(agent_pulse, "_ONE_IN", 1)
    row = chat(bea)
    answer = desk.post(f"/console/desk/{row.pk}/close/", {"outcome": "solved"})
    assert answer.json()["pulse"] is True
    tap = f"{PAGE}exchange/{row.pk}/"
    assert signed_in(carl.user).post(tap, {"explicit": "yes"}).status_code == 404
    assert desk.post(tap, {"explicit": "yes"}).status_code == 200
    said = {"interaction": row.pk, "explicit": True, "cordial": False}
    api = "/api/v1/pulses/exchange/"
    assert desk.post(api, said, "application/json").status_code == 204
    assert ExchangePulse.objects.values_list("explicit", "cordial").get() == (True, False)


def test_it_asks_after_send_and_close_and_after_a_macro_too(desk, bea, chat, monkeypatch):
    monkeypatch.setattr(agent_pulse, "_ONE_IN", 1)
    said = {"text": "Voilà", "client_id": "c1", "then": "close", "outcome": "solved"}
    assert desk.post(f"/console/desk/{chat(bea).pk}/say/", said).json()["pulse"] is True
    steps = {"note": "Réglé", "then": "close", "outcome": "solved"}
    macro = Macro.objects.create(name="Réglé", **steps)
    said = {"client_id": "c2", "macro": str(macro.pk)}
    assert desk.post(f"/console/desk/{chat(bea).pk}/macro/", said).json()["pulse"] is True


def test_the_week_is_said_once_and_may_be_said_again(desk, bea, mia, signed_in):
    assert desk.post(f"{PAGE}week/", {"load": "far too much"}).status_code == 404
    for load in ("too_much", "just_right"):
        assert desk.post(f"{PAGE}week/", {"load": load}).status_code == 302
    assert WeekPulse.objects.get().load == "just_right"
    shares = signed_in(mia).get("/api/v1/pulses/shares/").json()
    assert shares["just_right"] == {"yes": None, "of": None}
    assert desk.get("/api/v1/pulses/shares/").status_code == 403
