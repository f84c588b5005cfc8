"""Figures that no exchange tells, with known answers: agents' time, several chats at once, visits
and invitations. The night of the changed clock is in each day."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from chat.models import Chat, Invitation, InvitationRule, Site
from crm import registry
from crm.models import AgentState, Interaction, Visit, VisitStep, WorkSegment
from crm.reports import measures
from crm.reports.cut import Cut
from crm.reports.period import Period
from crm.reports.values import Amount, Share, Times
from tests import factories

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
# local midnight, how many hours the day has, and a moment in the hour that is doubled or missing
DAYS = {
    "autumn": (date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC), 25),
    "spring": (date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC), 23),
}


@pytest.fixture(params=sorted(DAYS))
def day(request):
    local, start, hours = DAYS[request.param]
    return Cut(Period(local, local)), start, start + timedelta(hours=hours)


def by(cut, name, dimension):
    return measures.get(name).by(cut, registry.dimension(dimension))


# -- agents' time


def test_states_are_counted_to_the_second_inside_the_day(day, bea, carl) -> None:
    cut, start, end = day
    told = [
        (bea, "available", -30, 60),  # from the evening before: 60 minutes of it count
        (bea, "working", 60, 180),
        (bea, "wrap_up", 180, 210),
        (bea, "break", 210, 230),
        (bea, "offline", 230, 2000),
        (carl, "meeting", 0, 45),
        (carl, "working", 45, 105),
    ]
    AgentState.objects.bulk_create(
        AgentState(agent=who, state=state, since=start + a * MINUTE, until=start + b * MINUTE)
        for who, state, a, b in told
    )
    AgentState.objects.create(
        agent=carl, state="available", since=end - 7 * MINUTE, until=end + 60 * MINUTE
    )
    spent = {state: one.above for state, one in by(cut, "time_in_states", "state").items()}
    minutes = {"available": 67, "working": 180, "wrap_up": 30, "break": 20, "meeting": 45}
    assert spent == {state: n * 60 for state, n in minutes.items()}
    total = measures.get("occupancy").total(cut)
    assert (total.above, total.below) == (210 * 60, 277 * 60)
    mine = by(cut, "occupancy", "agent")
    assert mine[bea.pk].value == 150 / 210
    assert mine[carl.pk].value == 60 / 67
    assert measures.get("occupancy").total(cut.with_("agent", str(carl.pk))).value == 60 / 67


# -- several chats at once


@pytest.fixture
def chats(day, bea, carl, box_queue, mobile_queue):
    """Bea's overlap around the hour of the change: from, to, the score; Carl's stands alone."""
    _cut, start, _end = day
    told = [
        (bea, 150, 160, 5), (bea, 155, 170, 4), (bea, 158, 162, 2), (bea, 169, 174, 5),
        (bea, 300, 310, 1), (carl, 158, 178, 3),
    ]  # fmt: skip
    rows = []
    for who, a, b, score in told:
        since, until = start + a * MINUTE, start + b * MINUTE
        row = factories.InteractionFactory(
            channel="chat", queue=box_queue if who == bea else mobile_queue, opened_at=since,
            offered_at=since, assigned_at=since, first_customer_at=since, first_answer_at=since,
            last_customer_at=until, last_agent_at=until, closed_at=until, handled_at=until,
            status="closed", outcome="solved", agent=who, closed_by=who, score=score,
        )  # fmt: skip
        WorkSegment.objects.create(
            agent=who, interaction=row, kind="write", since=since, until=until
        )
        rows.append(row)
    return rows


def test_chats_at_once_are_measured(day, bea, carl, chats) -> None:
    """150-155 one, 155-158 two, 158-160 three, 160-162 two, 162-169 one, 169-170 two, 170-174
    one, 300-310 one; Carl always one."""
    cut, _start, _end = day
    found = by(cut, "concurrency", "agent")
    assert found[bea.pk].at == (26 * 60, 6 * 60, 2 * 60)
    assert found[bea.pk].value == (26 + 2 * 6 + 3 * 2) / (26 + 6 + 2)
    assert (found[carl.pk].value, found[carl.pk].at) == (1, (20 * 60, 0, 0))
    total = measures.get("concurrency").total(cut)
    assert (total.count, total.above, total.below) == (6, 64 * 60, 54 * 60)
    queues = by(cut, "concurrency", "queue")
    assert queues["box"].value == found[bea.pk].value


def test_times_and_satisfaction_at_one_two_and_three_chats(day, chats) -> None:
    """A chat counts by how many its agent had when it came, itself included."""
    cut, _start, _end = day
    times = by(cut, "handling_time", "parallel")
    assert times == {
        1: Times(3, 800.0, 600.0, 1080.0),  # 10, 10 and 20 minutes
        2: Times(2, 600.0, 600.0, 840.0),  # 15 and 5
        3: Times(1, 240.0, 240.0, 240.0),
    }
    said = by(cut, "satisfaction", "parallel")
    assert {n: (one.satisfied, one.count) for n, one in said.items()} == {
        1: (1, 3), 2: (2, 2), 3: (0, 1),
    }  # fmt: skip
    for n, one in said.items():
        assert (
            measures.get("satisfaction").behind(cut.with_("parallel", str(n))).count() == one.count
        )


def test_what_one_takes_of_an_agent_is_shared_among_those_at_once(day, chats) -> None:
    cut, _start, _end = day
    total = measures.get("workload").total(cut)
    assert total.above == pytest.approx(54 * 60)  # all of the time worked, nothing twice
    assert total.value == pytest.approx(9 * 60)


# -- visits and invitations


def test_self_service_and_failed_searches(day, ada, box_queue) -> None:
    cut, start, end = day
    told = {
        "searched and left": [("search", 3)],
        "found nothing, and left": [("search", 0), ("search", 0)],
        "read": [("article", 40)],
        "looked in": [("page", None)],  # did not come for help
        "glanced": [("article", 4)],  # nor did this one
        "asked": [("search", 2), ("ask", None)],
    }
    for n, steps in enumerate(told.values()):
        visit(n, start + n * 30 * MINUTE, steps, device="mobile" if n < 2 else "desktop")
    row = visit(10, end - MINUTE, [("action", None)])
    chat = factories.InteractionFactory(customer=ada, queue=box_queue, visit=row)
    Interaction.objects.filter(pk=chat.pk).update(offered_at=end)
    visit(11, end, [("search", 0)])  # tomorrow's
    assert measures.get("self_service").total(cut) == Share(3, 5)
    assert by(cut, "self_service", "device") == {"mobile": Share(2, 2), "desktop": Share(1, 3)}
    assert measures.get("failed_searches").total(cut) == Share(2, 4)


def visit(n, at, steps, **values):
    row = Visit.objects.create(key=f"v{n}", started_at=at, last_at=at, **values)
    for kind, value in steps:
        VisitStep.objects.create(visit=row, kind=kind, label="?", value=value, at=at)
    return row


def test_invitations_and_what_they_sold(day, bea, ada, box_queue) -> None:
    cut, start, end = day
    site = Site.objects.create(key="shop", name="Boutique")
    about = factories.SubjectFactory(slug="basket")
    rules = [
        InvitationRule.objects.create(site=site, name=name, subject=about)
        for name in ("Panier", "Aide")
    ]
    told = [
        ("accepted", ""), ("refused", ""), ("expired", ""), ("withdrawn", ""),
        ("withheld", "nobody"), ("withheld", "closed"), ("withheld", "refused"), ("accepted", ""),
    ]  # fmt: skip
    for n, (state, reason) in enumerate(told):
        invite(n, start + n * 20 * MINUTE, rules[n % 2], site, state, reason)
    accepted = invite(20, end - MINUTE, rules[0], site, "accepted", "")
    invite(21, end, rules[0], site, "accepted", "")  # tomorrow's
    row = factories.InteractionFactory(customer=ada, queue=box_queue, origin="invitation")
    Interaction.objects.filter(pk=row.pk).update(offered_at=end - MINUTE, first_customer_at=end)
    Chat.objects.create(interaction=row, site=site, start_key="k", order_amount="49.90")
    Invitation.objects.filter(pk=accepted.pk).update(interaction=row)
    found = {name: measures.get(f"invitations_{name}").total(cut)
             for name in ("shown", "withheld", "accepted", "lost")}  # fmt: skip
    assert found == {"shown": 6, "withheld": 3, "accepted": Share(3, 6), "lost": 2}
    assert by(cut, "invitations_accepted", "rule") == {
        rules[0].pk: Share(2, 3), rules[1].pk: Share(1, 3),
    }  # fmt: skip
    assert measures.get("invited").total(cut) == 1
    assert by(cut, "invited", "rule") == {rules[0].pk: 1}
    assert measures.get("conversion").total(cut) == Share(1, 1)
    assert measures.get("amount_sold").total(cut) == Amount(1, Decimal("49.90"))


def invite(n, at, rule, site, state, reason):
    return Invitation.objects.create(
        site=site, rule=rule, subject=rule.subject, visit=Visit.objects.create(key=f"i{n}"),
        state=state, reason=reason, page_url="/", created_at=at,
    )  # fmt: skip
