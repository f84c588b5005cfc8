"""The live board: what a lead sees of lines, targets and people, at one price."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import clock
from crm.models import DueTime
from crm.services import board, roles
from tests import factories
from tests.crm.test_desk import chat, desk, signed_in
from tests.people import _staff

__all__ = ["chat", "desk", "signed_in"]  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena(bea):
    user = _staff("Léna", "Roy", "lena@lumio.example", roles.LEAD)
    factories.AgentFactory(user=user, display_name="Léna", team=bea.team)
    return user


def test_a_lead_sees_who_waits_what_is_late_and_who_has_what(
    lena, bea, carl, chat, at_work, mobile_queue
):
    chat()
    held, late = chat(bea), chat(bea)
    now = clock.now()
    DueTime.objects.create(interaction=late, kind="next", started_at=now, due_at=now)
    soon = {"warn_at": now, "due_at": now + timedelta(minutes=5), "started_at": now}
    DueTime.objects.create(interaction=held, kind="next", **soon)
    carl.team = factories.TeamFactory(name="Lille")
    carl.save()
    found = board.now(lena)
    [line] = found.lines
    assert (line.waiting, line.active, line.late, line.soon) == (1, 2, 1, 1)
    assert line.longest is not None
    people = {one.agent.display_name: one for one in found.people}
    assert set(people) == {"Bea", "Léna"}
    assert (people["Bea"].used, people["Bea"].places) == (2, 3)
    assert [row.pk for row in people["Bea"].rows] == [held.pk, late.pk]
    assert {one.queue for one in board.now(lena).lines} == {bea.queues.get()}


def test_a_manager_sees_the_whole_house_and_an_agent_nothing(signed_in, mia, bea, mallory, chat):
    chat(bea)
    answer = signed_in(mia).get("/console/board/now/").json()
    assert [one["name"] for one in answer["people"]] == ["Bea"]
    assert answer["people"][0]["rows"][0]["url"].startswith("/console/desk/#")
    assert signed_in(mia).get("/api/v1/board/").json()["lines"][0]["active"] == 1
    assert signed_in(mia).get("/console/board/").status_code == 200
    for user in (bea.user, mallory):
        assert signed_in(user).get("/console/board/now/").status_code in (302, 403)
        assert signed_in(user).get("/api/v1/board/").status_code == 403


def test_the_board_costs_the_same_with_many(mia, bea, chat, box_queue):
    chat(bea)
    board.now(mia)  # her rights are cached from here on
    with CaptureQueriesContext(connection) as few:
        board.now(mia)
    for _n in range(20):
        agent = factories.AgentFactory(queues=[box_queue])
        factories.InteractionFactory(queue=box_queue, agent=agent, status="active")
    with CaptureQueriesContext(connection) as many:
        board.now(mia)
    assert len(many) == len(few) <= 8
