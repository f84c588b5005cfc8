"""What the demo's records say beside their exchanges: own fields, one company with its people,
and two records that are one person."""

from datetime import timedelta
from random import Random
from typing import Any

from django.db import transaction

from config.demo import links, low_scores
from crm import clock
from crm.models import (
    Agent,
    Consent,
    Customer,
    Identity,
    Interaction,
    MergeSuggestion,
    Note,
    Organisation,
    OrganisationDomain,
    OwnField,
    User,
)
from crm.models.own_field import OwnValues
from crm.services import customers, own_fields
from crm.text import words
from selfcare.models import Callback

COMPANY, DOMAIN = "Ateliers Kerdal", "kerdal.example"
_MEMBERS = 4
_OFFERS = ["Lumibox Fibre", "Lumibox ADSL", "Mobile 100 Go"]
_BOXES = ["Lumibox 4", "Lumibox 5", "Lumibox Mini"]
_ABOUT = OwnField.About
# what an operator's administrator would add
_FIELDS: list[tuple[str, str, str, str, str, list[str]]] = [
    (_ABOUT.CUSTOMER, "offer", "choice", "Offre", "Offer", _OFFERS),
    (_ABOUT.CUSTOMER, "contract", "text", "N° de contrat", "Contract no.", []),
    (_ABOUT.CUSTOMER, "since", "date", "Client depuis", "Customer since", []),
    (_ABOUT.ORGANISATION, "lines", "number", "Lignes mobiles", "Mobile lines", []),
    (_ABOUT.ORGANISATION, "contract", "text", "N° de contrat cadre", "Framework contract no.", []),
    (_ABOUT.INTERACTION, "box", "choice", "Équipement", "Equipment", _BOXES),
    (_ABOUT.INTERACTION, "gesture", "number", "Geste commercial (€)", "Goodwill (€)", []),
]


def fields() -> None:
    """The definitions, once."""
    for position, (about, key, kind, french, english, choices) in enumerate(_FIELDS):
        OwnField.objects.get_or_create(
            about=about,
            key=key,
            defaults={
                "kind": kind,
                "name_fr": french,
                "name_en": english,
                "choices": choices,
                "position": position,
            },
        )


def of_customer(rng: Random) -> dict[str, Any]:
    """Columns of a drawn customer: three of four are known to the contracts' system."""
    if rng.random() > 0.75:
        return {}
    offer = rng.choices(_OFFERS, [6, 2, 3])[0]
    since = f"{rng.randint(2012, 2025)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    contract = f"LU-{rng.randint(100_000, 999_999)}"
    return _columns(Customer(), {"offer": offer, "contract": contract, "since": since})


def of_exchange(rng: Random, queue: str) -> dict[str, Any]:
    """Columns of a drawn exchange: the box for faults, a gesture for some bills."""
    if queue == "box" and rng.random() < 0.6:
        return _columns(Interaction(), {"box": rng.choices(_BOXES, [3, 5, 1])[0]})
    if queue == "billing" and rng.random() < 0.15:
        return _columns(Interaction(), {"gesture": rng.choice([5, 10, 10, 15, 20])})
    return {}


def _columns(thing: OwnValues, own: dict[str, Any]) -> dict[str, Any]:
    own_fields.set_all(thing, own)
    return {"own": thing.own, "own_terms": thing.own_terms}


@transaction.atomic
def ensure() -> None:
    """The company and the pair, once, of people who are there already; and what Ada said."""
    if OrganisationDomain.objects.filter(name=DOMAIN).exists():
        return
    _ada()
    low_scores.follow_up(User.objects.get(email=links.PEOPLE["manager"]))
    drawn = Customer.objects.filter(is_simulated=True, user=None, language="fr")
    taken = Identity.objects.filter(kind=Identity.Kind.PHONE).values("value")
    calls = Callback.objects.filter(interaction__customer__in=drawn, interaction__status="closed")
    caller = calls.exclude(phone="").exclude(phone__in=taken).order_by("pk").last()
    known = drawn.filter(identities__kind=Identity.Kind.MAIL, interactions__channel="mail")
    if caller:
        _pair(caller)
        known = known.exclude(pk=caller.interaction.customer_id)
    _company(list(known.order_by("-pk").distinct()[:_MEMBERS]))


def _ada() -> None:
    ada = Customer.objects.get(user__email=links.PEOPLE["customer"])
    at = clock.now() - timedelta(days=50)
    for purpose in Consent.Purpose:
        Consent.objects.create(customer=ada, purpose=purpose, granted=True, source="demo", at=at)
    for name, text, later in (
        ("Carl", "Déménage : ligne à transférer, revoir la date avec elle.", 0),
        ("Bea", "À rappeler plutôt après 18 h. Préfère le chat au téléphone.", 14),
    ):
        Note.objects.create(
            customer=ada,
            author=Agent.objects.get(display_name=name).user,
            text=text,
            created_at=at + timedelta(days=later),
        )


def _company(people: list[Customer]) -> None:
    company = Organisation(name=COMPANY)
    own_fields.assign(company, {"lines": 24, "contract": "LP-3107"})
    company.save()
    OrganisationDomain.objects.create(organisation=company, name=DOMAIN)
    for person in people:
        local = ".".join(words(person.full_name))
        customers.add_identity(person, Identity.Kind.MAIL, f"{local}@{DOMAIN}", source="demo")
        person.organisation, person.joined_by = company, DOMAIN
        person.save()


def _pair(call: Callback) -> None:
    """Somebody who was called back, and who later wrote from an address nobody knew."""
    elder = call.interaction.customer
    customers.add_identity(elder, Identity.Kind.PHONE, call.phone, source="callback")
    address = f"{'.'.join(words(elder.full_name))}@boite.example"
    younger = customers.identify(
        "mail", address, name=elder.full_name, verified_by="mail", source="mail"
    )
    younger.civility, younger.town = elder.civility, elder.town
    younger.is_simulated = True
    own_fields.assign(elder, {"offer": "Lumibox ADSL"})
    own_fields.assign(younger, {"offer": "Lumibox Fibre", "contract": "LU-318822"})
    elder.save()
    younger.save()
    Note.objects.create(
        customer=younger,
        author=Agent.objects.get(display_name="Bea").user,
        text="Dit avoir déjà appelé. À joindre plutôt en fin de journée.",
    )
    for reason in (MergeSuggestion.Reason.SAME_NAME, MergeSuggestion.Reason.SAME_PHONE):
        customers.suggest(elder, younger, reason)
