"""What the demo's page lets people do to the running product, each with one press."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.utils.translation import gettext as _

from config.demo import brake, cuts
from crm import clock
from crm.models import Subject
from selfcare.models import Incident
from selfcare.services import incidents

ROADWORKS = "Internet coupé dans l’ouest de Rennes"


class Already(Exception):
    """It is so; the message says it."""


def _cut_web() -> str:
    cuts.ask(cuts.WEB)
    return _("The server is killed in two seconds and comes back after five. Every line is kept.")


def _cut_redis() -> str:
    if not cuts.may_cut_redis():
        raise Already(_("This installation uses a Redis of its own: it is not ours to cut."))
    cuts.ask(cuts.REDIS)
    return _("Redis is killed in two seconds. Chats go on: the database is the truth.")


def _incident() -> str:
    if Incident.objects.open().exists():
        raise Already(_("An incident is open. End it in its room, then start another one."))
    now = clock.now()
    incident = Incident(
        title_fr=ROADWORKS,
        title_en="No internet in the west of Rennes",
        text_fr="Un câble a été touché par des travaux. Une équipe est sur place ; vos réglages "
        "n’y sont pour rien, il est inutile de redémarrer la Lumibox.",
        text_en="Roadworks have damaged a cable. A team is there; nothing is wrong with your "
        "settings, restarting the Lumibox does not help.",
        area_fr="Rennes ouest",
        area_en="Rennes, west",
        expected_until=now + timedelta(hours=2),
        next_news_at=now + timedelta(minutes=45),
    )
    subjects = Subject.objects.filter(slug__in=["no-internet", "slow-wifi", "tv-picture"])
    incidents.save(incident, subjects)
    return _("The incident is open: see the portal, the chat window and the desk.")


def _monday() -> str:
    brake.monday()
    return _("Twenty-five people come to the box queue within a minute and a half.")


def _pace(word: str) -> str:
    now = brake.change(word)
    if now.paused:
        return _("Simulated people stand still.")
    return _("Simulated people come %(times)s times as often as in life.") % {
        "times": f"{now.traffic:g}"
    }


DO: dict[str, Callable[[], str]] = {
    "cut-web": _cut_web,
    "cut-redis": _cut_redis,
    "incident": _incident,
    "monday": _monday,
    **{word: partial(_pace, word) for word in brake.WORDS},
}
