"""The demo company's settings: hours, queues, subjects, people, sites, survey, help articles.

Running it again changes nothing but what the port moves; "remove demo data" keeps it."""

from datetime import UTC, date, datetime, time
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group

from config.demo import data, letters, links, records, replies, routing, selfcare, sites
from crm import clock
from crm.models import (
    Agent,
    AgentSkill,
    DatedOpening,
    Opening,
    Queue,
    Recourse,
    Schedule,
    Subject,
    Team,
    User,
)
from crm.services import customers, own_fields, roles
from selfcare.models import Category, Survey
from selfcare.services import importing, surveys

QUEUES = {
    "box": ("Assistance box et TV", "Box and TV support"),
    "mobile": ("Assistance mobile", "Mobile support"),
    "billing": ("Factures et contrat", "Bills and contract"),
    "sales": ("Conseil et commande", "Advice and orders"),
}


def ensure() -> None:
    """Everything that must be there before the first exchange."""
    _queues()
    _recourse()
    _subjects()
    records.fields()
    _people()
    _help()
    sites.ensure()
    letters.ensure()
    replies.ensure()
    _survey()
    selfcare.ensure()
    routing.ensure()


def move() -> None:
    """Only what follows the port."""
    sites.move()


def _queues() -> None:
    office, made = Schedule.objects.get_or_create(name="Lun-sam 8 h-20 h")
    always, _made = Schedule.objects.get_or_create(
        name="24 h/24, 7 j/7", defaults={"always_open": True}
    )
    if made:
        Opening.objects.bulk_create(
            Opening(schedule=office, weekday=day, opens=time(8), closes=time(20))
            for day in range(6)
        )
        office.country = "FR"
        office.save()
        year = clock.now().year
        DatedOpening.objects.create(
            schedule=office,
            day=date(year, 12, 24),
            opens=time(8),
            closes=time(17),
            reason_fr="Fermeture avancée, veille de Noël",
            reason_en="Early closing on Christmas Eve",
        )
    for position, (slug, (french, english)) in enumerate(QUEUES.items()):
        # The box queue answers faults at any hour; its other subjects have office hours.
        Queue.objects.get_or_create(
            slug=slug,
            defaults={
                "name_fr": french,
                "name_en": english,
                "position": position,
                "schedule": always if slug == "box" else office,
            },
        )


def _recourse() -> None:
    Recourse.objects.get_or_create(
        brand=settings.BRAND,
        defaults={
            "second_level_fr": "Service consommateurs Lumio, 12 rue des Essais, 35000 Rennes. "
            "Réponse sous 30 jours.",
            "second_level_en": "Lumio consumer service, 12 rue des Essais, 35000 Rennes, France. "
            "Answer within 30 days.",
            "mediator_fr": "Médiation des communications (fictive), mediation.example, "
            "BP 999, 75000 Paris.",
            "mediator_en": "Communications mediator (fictitious), mediation.example, "
            "BP 999, 75000 Paris, France.",
        },
    )


def _subjects() -> None:
    queues = {queue.slug: queue for queue in Queue.objects.all()}
    office = Schedule.objects.get(always_open=False, name="Lun-sam 8 h-20 h")
    always = Schedule.objects.get(always_open=True, name="24 h/24, 7 j/7")
    known: dict[str, Subject] = {}
    for position, row in enumerate(data.load("subjects")):
        known[row["slug"]], _made = Subject.objects.get_or_create(
            slug=row["slug"],
            defaults={
                "name_fr": row["name"]["fr"],
                "name_en": row["name"]["en"],
                "parent": known.get(row["parent"] or ""),
                "queue": queues[row["queue"]],
                "schedule": always if row["always_open"] else office,
                "off_hours_queue": queues.get(row["off_hours_queue"] or ""),
                "position": position,
            },
        )


def address_of(person: dict[str, Any]) -> str:
    """bea@, carl@ and so on: the display name, folded."""
    from crm.text import words

    return f"{''.join(words(person['display_name']))}@{letters.DOMAIN}"


def _people() -> None:
    queues = {queue.slug: queue for queue in Queue.objects.all()}
    group = Group.objects.get(name=roles.AGENT)
    for person in data.load("people")["agents"]:
        user = _user(address_of(person), person["first_name"], person["last_name"])
        user.groups.add(group)
        team, _made = Team.objects.get_or_create(
            name=f"{person['site']} 1", defaults={"place": person["site"]}
        )
        agent, made = Agent.objects.get_or_create(
            user=user,
            defaults={
                "display_name": person["display_name"],
                "team": team,
                "languages": person["languages"],
                "chat_places": 3,
                "picture": f"demo/people/{address_of(person).partition('@')[0]}.png",
            },
        )
        agent.is_simulated = user.email in links.SIMULATED.values()
        agent.save(update_fields=["is_simulated"])
        if made:
            # whoever tries the product out at a desk of theirs is asked before those
            level = 1 if person["newcomer"] or agent.is_simulated else 2
            AgentSkill.objects.bulk_create(
                AgentSkill(agent=agent, queue=queues[slug], level=level)
                for slug in person["skills"]
            )
    mia = _user(links.PEOPLE["manager"], "Mia", "Fontaine")
    mia.groups.add(Group.objects.get(name=roles.MANAGER))
    paul = _user(links.PEOPLE["auditor"], "Paul", "Hamon")
    paul.groups.add(Group.objects.get(name=roles.AUDITOR))
    admin = _user(links.PEOPLE["administrator"], "Alex", "Garnier")
    if not admin.is_superuser:
        admin.is_superuser = True
        admin.save()
    _ada()


def _user(email: str, first: str, last: str, *, staff: bool = True) -> User:
    """Signs in by the demo's link only: there is no password to guess."""
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(
            email, first_name=first, last_name=last, is_staff=staff, language="fr"
        )
    return user


def _ada() -> None:
    address = links.PEOPLE["customer"]
    ada = customers.identify(
        "mail", address, name="Ada Lenoir", verified_by="portal", source="portal"
    )
    customers.add_identity(ada, "phone", "+33199001234", source="callback")
    if ada.user is None:
        ada.user = _user(address, "Ada", "Lenoir", staff=False)
        # proven, as by a mailed code: a passkey alone opens her account
        EmailAddress.objects.update_or_create(
            user=ada.user, email=address, defaults={"verified": True, "primary": True}
        )
        ada.civility, ada.is_simulated = "mme", True
        ada.town, ada.created_at = "Rennes", datetime(2019, 9, 14, 9, tzinfo=UTC)
        ada.save()
        ada.identities.update(created_at=ada.created_at)  # so that a code may be sent there
    own_fields.assign(
        ada, {"offer": "Lumibox Fibre", "contract": "LU-204817", "since": "2019-09-14"}
    )
    ada.save()
    customers.set_tags(ada, ["Fibre", "Fidèle"])


def _help() -> None:
    for row in data.load("categories"):
        Category.objects.update_or_create(
            slug=row["slug"],
            defaults={
                "name_fr": row["name"]["fr"],
                "name_en": row["name"]["en"],
                "description_fr": row["description"]["fr"],
                "description_en": row["description"]["en"],
                "icon": row["icon"],
                "position": row["position"],
            },
        )
    for language in ("fr", "en"):
        with (data.FOLDER / f"articles.{language}.jsonl").open(encoding="utf-8") as lines:
            importing.import_articles(lines)


def _survey() -> None:
    """Asked at once: whoever tries the product does not wait ten minutes for a mail."""
    first = not Survey.objects.exists()
    survey = surveys.ensure()
    if first:
        survey.delays = {"mail": 0, "callback": 0}
        survey.save()
