"""Teams and agents by week: what the role may see; the pulse of groups; ready texts changed."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group

from crm import registry
from crm.models import ExchangePulse, ReplyTemplate, ReplyUse
from crm.reports import figures, measures, teams
from crm.reports.cut import BadQuestion, Cut
from crm.reports.period import Period
from crm.reports.values import Share
from tests import factories
from tests.crm.test_reports import PAGE, exchange
from tests.doors import signed_in, stranger

pytestmark = pytest.mark.django_db
WEEKS = f"{PAGE}teams/"
API = "/api/v1/report-weeks/"
TUESDAY = datetime.fromisoformat("2026-11-10T10:00:00+01:00")
DAYS = Cut(Period(TUESDAY.date(), TUESDAY.date()))


@pytest.fixture
def crew(bea, carl, box_queue):
    """Bea leads five in Rennes; Carl is alone in Toulouse."""
    team = factories.TeamFactory(name="Rennes 1")
    mates = [factories.AgentFactory(queues=[box_queue], team=team) for _ in range(4)]
    bea.team, carl.team = team, factories.TeamFactory(name="Toulouse 1")
    for one in (bea, carl):
        one.save()
    bea.user.groups.set([Group.objects.get(name="team lead")])
    for number, one in enumerate([bea, *mates, carl]):
        exchange("chat", box_queue, TUESDAY + timedelta(minutes=number), by=one, assigned=0,
                 answer=10, last_agent=400, closed=500 + number, outcome="solved")  # fmt: skip
    exchange("callback", box_queue, TUESDAY, by=carl, answer=10, closed=600, outcome="solved")
    return [bea, *mates]


def last_week(user, **asked):
    return teams.weeks(teams.whose(user, **asked), TUESDAY.date())[-1]


def test_a_team_of_five_is_shown_a_smaller_one_is_not(crew, carl, mia) -> None:
    mine = last_week(mia, team=str(crew[0].team_id))
    assert mine.values["handled"] == 5
    assert mine.values["handling_time"].mean == 502
    assert last_week(mia, team=str(carl.team_id)).values is None
    assert last_week(mia, team=str(carl.team_id), person=str(carl.pk)).values["handled"] == 2


def test_agents_read_their_own_leads_their_team_managers_each(crew, carl, mias) -> None:
    team, other = f"?team={crew[0].team_id}", f"?team={carl.team_id}"
    leads, carls = (signed_in(one.user, second_factor=True) for one in (crew[0], carl))
    mate, own = f"?person={crew[1].pk}", f"?person={carl.pk}"
    for address in (WEEKS, API):
        for door, asked, code in (
            (mias, team, 200), (mias, other, 200), (leads, "", 200), (leads, team, 200),
            (leads, mate, 200), (leads, other, 404), (leads, own, 404), (carls, "", 200),
            (carls, own, 200), (carls, other, 404), (carls, mate, 404), (carls, team, 404),
        ):  # fmt: skip
            assert door.get(address + asked).status_code == code, (address, asked, code)
    assert carls.get(WEEKS).context["who"].person == carl
    assert leads.get(WEEKS).context["who"].people[0] == crew[0]  # oneself first


def test_strangers_and_customers_read_no_weeks(crew, mallory) -> None:
    for door in (stranger(), signed_in(mallory, second_factor=True)):
        assert door.get(WEEKS).status_code in (302, 403)
        assert door.get(API).status_code in (401, 403)


def test_weeks_older_than_a_year_are_gone(crew, mia) -> None:
    long_ago = TUESDAY.date() - timedelta(days=400)
    assert teams.weeks(teams.whose(mia), long_ago) == []


def test_a_pulse_is_said_of_five_people_and_opens_no_exchange(crew, mias) -> None:
    pulse = measures.get("pulse_cordial")
    rows = figures.handled(DAYS).filter(closed_by__in=crew).order_by("pk")
    for number, row in enumerate(rows):
        assert pulse.total(DAYS) == Share(0, 0)
        ExchangePulse.objects.create(
            interaction=row, agent=row.closed_by, cordial=number != 2, at=TUESDAY
        )
    assert pulse.total(DAYS) == Share(4, 5)
    assert pulse.by(DAYS, registry.dimension("channel")) == {"chat": Share(4, 5)}
    assert measures.get("pulse_explicit").total(DAYS) == Share(0, 0)
    for person in ("agent", "subject"):
        with pytest.raises(BadQuestion):
            pulse.total(DAYS.with_(person, str(crew[0].pk)) if person == "agent" else
                        DAYS.with_("device", "mobile"))  # fmt: skip
    assert mias.get(f"{PAGE}exchanges/?measure=pulse_cordial").status_code == 404
    page = mias.get(f"{PAGE}satisfaction/?from=2026-11-10&to=2026-11-10")
    assert page.context["pulse"].total.cells[1].said.startswith("80")


def test_what_few_said_is_not_to_be_had_by_subtracting_the_others(crew) -> None:
    """Five spoke of chats and one of a mail: with the chats beside the whole, that one is named."""
    pulse, channel = measures.get("pulse_cordial"), registry.dimension("channel")

    def says(person, name):
        row = factories.InteractionFactory(channel=name)
        ExchangePulse.objects.create(interaction=row, agent=person, cordial=True, at=TUESDAY)

    for person in crew:
        says(person, "chat")
    assert pulse.by(DAYS, channel) == {"chat": Share(5, 5)}
    says(crew[0], "mail")
    hidden = {"chat": Share(0, 0), "mail": Share(0, 0)}
    assert pulse.by(DAYS, channel) == hidden
    assert pulse.total(DAYS) == Share(6, 6)
    for name in hidden:
        assert pulse.total(DAYS.with_("channel", name)) == Share(0, 0)
    for person in crew[1:]:
        says(person, "mail")
    assert pulse.by(DAYS, channel) == {"chat": Share(5, 5), "mail": Share(5, 5)}
    assert pulse.total(DAYS.with_("channel", "mail")) == Share(5, 5)


def test_ready_texts_that_are_changed_are_counted_by_channel(crew) -> None:
    template = ReplyTemplate.objects.create(name="Bonjour", text_fr="Bonjour")
    rows = figures.handled(DAYS)
    for number, row in enumerate(rows):
        ReplyUse.objects.create(
            template=template, interaction=row, client_id="1", edited=number < 2, at=TUESDAY
        )
    found = measures.get("replies_edited")
    assert found.total(DAYS) == Share(2, rows.count())
    assert sum(one.part for one in found.by(DAYS, registry.dimension("channel")).values()) == 2
