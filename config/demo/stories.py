"""What there is to find: the page that shows it, and the one behind it. Each is true in the data
(config/demo/history, tests/demo/test_history.py)."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from config.demo.history.volumes import ARTICLE_DAYS_AGO, OUTAGE_DAYS_AGO, PARIS
from crm import clock
from crm.models import Agent, Subject


@dataclass(frozen=True)
class Story:
    title: str
    text: str
    clicks: list[tuple[str, str]]  # (words, path in the manager's console)


def _to(view: str, **query: object) -> str:
    return f"{reverse(f'admin:{view}')}?{urlencode(query)}"


def _days(first: date, last: date | None = None) -> dict[str, str]:
    return {"from": str(first), "to": str(last or first)}


def all_of_them() -> list[Story]:
    today = clock.now().astimezone(PARIS).date()
    return [_outage(today), _article(today), _third(), _monday(today), _esim(), _karim()]


def _outage(today: date) -> Story:
    evening = _days(today - timedelta(days=OUTAGE_DAYS_AGO))
    return Story(
        _("The evening of the outage"),
        _("Four times as many on the box queue from 18:30 to 20:00; two of five gave up."),
        [
            (_("The day, half hour by half hour"), _to("report_intraday", queue="box", **evening)),
            (
                _("The exchanges"),
                _to("report_exchanges", measure="abandoned", queue="box", **evening),
            ),
        ],
    )


def _article(today: date) -> Story:
    subject = Subject.objects.filter(slug="remote-control").values_list("pk", flat=True).first()
    after = _days(today - timedelta(days=ARTICLE_DAYS_AGO), today)
    return Story(
        _("An article that answers"),
        _("Since “Pairing the remote” is published, 38 % fewer people ask about it."),
        [
            (_("Before and after"), _to("reports", subject=subject or "", **after)),
            (_("The exchanges since"), _to("report_exchanges", subject=subject or "", **after)),
        ],
    )


def _third() -> Story:
    return Story(
        _("The third chat at once"),
        _("A second parallel chat costs no satisfaction, a third one does."),
        [
            (_("By parallel chats"), _to("report_by", by="parallel", days=14)),
            (_("Satisfaction"), _to("report_satisfaction", days=14)),
        ],
    )


def _monday(today: date) -> Story:
    monday = _days(today - timedelta(days=today.weekday() or 7))
    return Story(
        _("Monday morning lacks two agents"),
        _("From 9:30 to 11:00 people wait twice as long as on other days."),
        [
            (_("That Monday"), _to("report_intraday", **monday)),
            (_("Its exchanges"), _to("report_exchanges", **monday)),
        ],
    )


def _esim() -> Story:
    return Story(
        _("A question without an article"),
        _("More and more people search for eSIM on a watch and find nothing."),
        [
            (_("Searches without an answer"), reverse("admin:failed_searches")),
            (_("What self-care achieves"), reverse("admin:autonomy")),
        ],
    )


def _karim() -> Story:
    karim = Agent.objects.filter(display_name="Karim").values_list("pk", flat=True).first()
    return Story(
        _("Karim has learnt it"),
        _("From one chat at a time to three within six weeks, without losing a point."),
        [
            (_("Satisfaction"), _to("report_satisfaction", agent=karim or "", days=14)),
            (_("His exchanges"), _to("report_exchanges", agent=karim or "", days=14)),
        ],
    )
