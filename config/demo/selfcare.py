"""Self-care's part of the demo company: what is known of the outage of story 1."""

from datetime import datetime, time, timedelta

from crm import clock
from crm.models import Subject
from selfcare.models import CallRule, Incident
from selfcare.services import incidents

_OUTAGE_DAYS_AGO = 23


def ensure() -> None:
    _outage()
    _calls()


def _calls() -> None:
    CallRule.objects.get_or_create(
        queue=None,
        defaults={
            "shown_number": "01 99 00 00 10",
            "hints_fr": "Se présenter et dire pourquoi on appelle.\n"
            "Lire ce que la personne a déjà essayé avant de poser une question.\n"
            "Finir par : « Est-ce que tout fonctionne devant vous ? »",
            "hints_en": "Say who you are and why you call.\n"
            "Read what they have tried before you ask.\n"
            "End with: “Does it work in front of you?”",
        },
    )


def _outage() -> None:
    """Day -23, 18:30 to 20:00, over: the incident page has something to look back at."""
    if Incident.objects.exists():
        return
    day = (clock.now() - timedelta(days=_OUTAGE_DAYS_AGO)).astimezone().date()
    zone = clock.now().astimezone().tzinfo
    made = Incident(
        title_fr="Panne Internet et TV",
        title_en="Internet and TV outage",
        text_fr="Internet et la TV sont coupés en Bretagne. Nos équipes réparent une artère "
        "de fibre. Inutile de redémarrer votre Lumibox : tout revient tout seul.",
        text_en="Internet and TV are down in Brittany. Our teams are repairing a fibre trunk. "
        "No need to restart your Lumibox: everything comes back by itself.",
        area_fr="Bretagne",
        area_en="Brittany",
        towns=["Rennes", "Brest", "Quimper", "Vannes", "Saint-Malo", "Lorient"],
        since=datetime.combine(day, time(18, 30), zone),
        ended_at=datetime.combine(day, time(20), zone),
    )
    about = Subject.objects.filter(slug__in=["no-internet", "slow-wifi", "tv-picture"])
    incidents.save(made, about)
