"""Self-care's part of the demo company: the outage of story 1, calls, numbers, editors' work."""

from datetime import datetime, time, timedelta

from django.conf import settings

from config.demo import links
from crm import clock
from crm.models import Subject, User
from selfcare.models import (
    TEXTS,
    Action,
    Article,
    CallRule,
    Incident,
    PhoneNumber,
    SubjectManners,
    Synonyms,
    Translation,
    Version,
)
from selfcare.services import articles, importing, incidents, phone_book, versions

OUTAGE = "Panne Internet et TV"
_OUTAGE_DAYS_AGO = 23


def ensure() -> None:
    _outage()
    _calls()
    _directory()
    _synonyms()
    _editors()


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
        title_fr=OUTAGE,
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


def _directory() -> None:
    """Numbers of the range reserved for fiction; the customer area is the demo's shop."""
    if PhoneNumber.objects.exists():
        return
    kind = PhoneNumber.Price.CALL
    lost = PhoneNumber(
        name_fr="Vol ou perte, jour et nuit",
        name_en="Theft or loss, day and night",
        dialled="01 99 00 00 20",
        price_kind=kind,
    )
    phone_book.save(lost, Subject.objects.filter(slug="theft-loss"))
    fault = PhoneNumber(
        name_fr="Panne complète ou mise en service",
        name_en="Complete outage or activation",
        dialled="01 99 00 00 21",
        price_kind=kind,
        position=1,
    )
    phone_book.save(fault, Subject.objects.filter(slug__in=["no-internet", "box-installation"]))
    area = f"{settings.PORTAL_URL.replace('//aide.', '//boutique.')}/boutique/"
    for slug, french, english, icon in (
        ("payment", "Payer ma facture", "Pay my bill", "receipt_long"),
        ("order-tracking", "Suivre ma commande", "Follow my order", "local_shipping"),
        ("no-internet", "Tester ma ligne", "Test my line", "router"),
        ("sim-esim-puk", "Voir mon code PUK", "See my PUK code", "sim_card"),
    ):
        made = Action.objects.create(name_fr=french, name_en=english, icon=icon, url=area)
        made.subjects.set(Subject.objects.filter(slug=slug))
    about = Subject.objects.filter(slug="cancellation").first()
    if about:
        SubjectManners.objects.create(subject=about, cancel_url=area)


def _synonyms() -> None:
    if Synonyms.objects.exists():
        return
    for language, group in (
        ("fr", ["télécommande", "zapette", "zappette", "manette"]),
        ("fr", ["téléphone", "bigophone", "portable", "gsm"]),
        ("fr", ["prélèvement", "débit", "paiement"]),
        ("en", ["remote control", "clicker", "zapper"]),
        ("en", ["mobile phone", "cell phone", "handset"]),
    ):
        Synonyms.objects.create(language=language, words=group)
    articles.changed()


def _editors() -> None:
    """Something on the editors' page: what is written, waits, is behind; and what not all read."""
    mia = User.objects.filter(email=links.PEOPLE["manager"]).first()
    if Version.objects.open().exists() or mia is None:
        return
    Article.objects.filter(owner=None, category__slug__in=["tv", "wifi"]).update(owner=mia)
    _ahead("remote-partly", "fr", "La photo de la nouvelle télécommande", submit=True)
    _ahead("remote-pair", "fr", "Le voyant est devenu bleu", later=timedelta(days=3))
    for name, visibility, title, body in _NOT_FOR_ALL:
        if not Article.objects.filter(external_id=name).exists():
            row = {
                "external_id": name,
                "language": "fr",
                "category": "box",
                "title": title,
                "body": body,
                "visibility": visibility,
                "verified_on": clock.now().date().isoformat(),
            }
            importing.import_rows([(name, row)], by=mia)


def _ahead(
    name: str, language: str, note: str, *, submit: bool = False, later: timedelta | None = None
) -> None:
    """A text that goes beyond what customers read."""
    live = Translation.objects.filter(article__external_id=name, language=language).first()
    if live is None:
        return
    bea = User.objects.filter(email=links.PEOPLE["agent"]).first()
    texts = {field: getattr(live, field) for field in TEXTS}
    texts["body"] = f"{live.body}<p>{note}.</p>"
    versions.write(live.article, language, {**texts, "note": note}, by=bea)
    if submit:
        versions.submit(live.article, language)
    if later:
        versions.schedule(live.article, language, clock.now() + later, by=bea)


_NOT_FOR_ALL = [
    (
        "box-reset-for-agents",
        "staff",
        "Réinitialiser une Lumibox à distance",
        "<p>À faire seulement quand la personne n’a plus d’autre écran allumé.</p>"
        "<ol><li>Vérifiez l’identité.</li><li>Lancez « Réinitialiser » dans l’outil réseau.</li>"
        "<li>Attendez le voyant fixe, environ trois minutes.</li></ol>",
    ),
    (
        "line-credentials",
        "signed_in",
        "Retrouver mes identifiants de connexion",
        "<p>Ils servent quand vous utilisez votre propre routeur.</p>"
        "<ol><li>Ouvrez votre espace client, puis <strong>Ma Lumibox</strong>.</li>"
        "<li>Choisissez <strong>Identifiants de ligne</strong>.</li></ol>",
    ),
]
