"""Where the demo company's chat stands, and whom it invites there."""

from urllib.parse import urlsplit

from django.conf import settings

from chat.models import Question, QueueSettings, Site
from chat.services import identity, sites
from config.demo.environment import HOSTS
from crm.models import Queue, Subject


def ensure() -> None:
    """The portal is ours; the shop is somebody else's page, on its own host."""
    remote = Subject.objects.get(slug="remote-control")
    portal = sites.ensure("portal", name="Portail d’aide", is_portal=True, subject=None)
    shop = sites.ensure("boutique", name="Lumio Boutique", origins=[_shop_origin()])
    if not shop.identity_version:  # the shop's server says who is signed in there
        identity.rotate(shop)
    offers = Subject.objects.get(slug="offer-advice")
    mobile = Subject.objects.get(slug="sim-esim-puk")
    for position, (site, name, pages, seconds, subject, french, english) in enumerate(
        [
            (
                portal,
                "Aide télécommande",
                ["/fr/*telecommande*", "/en/*remote*"],
                30,
                remote,
                "La télécommande vous résiste ? Je peux regarder avec vous.",
                "Is the remote giving you trouble? I can look at it with you.",
            ),
            (
                shop,
                "Page Lumibox",
                ["/boutique/lumibox/*"],
                30,
                remote,
                "Une question sur votre Lumibox ? Je suis là.",
                "A question about your Lumibox? I am here.",
            ),
            (
                shop,
                "Page mobile",
                ["/boutique/mobile/*"],
                30,
                mobile,
                "Une question sur votre ligne mobile ?",
                "A question about your mobile line?",
            ),
            (
                shop,
                "Page des offres",
                ["/boutique/"],
                60,
                offers,
                "Vous hésitez entre deux offres ? Comparons-les ensemble.",
                "Cannot decide between two plans? Let us compare them.",
            ),
        ]
    ):
        sites.ensure_rule(
            site,
            name,
            pages=pages,
            seconds=seconds,
            subject=subject,
            position=position,
            question_fr=french,
            question_en=english,
        )
    sites.ensure_rule(
        portal,
        "Recherche sans résultat",
        pages=["/fr/search/*", "/en/search/*"],
        seconds=15,
        conditions={"match": "all", "of": [{"fact": "search_failed", "op": "is", "value": True}]},
        subject=remote,
        position=10,
        question_fr="Vous ne trouvez pas ? Dites-le-moi avec vos mots.",
        question_en="Nothing found? Tell me in your own words.",
    )
    billing, _made = QueueSettings.objects.get_or_create(queue=Queue.objects.get(slug="billing"))
    Question.objects.get_or_create(
        settings=billing, asks=Question.Asks.MAIL, defaults={"is_required": False}
    )


def _shop_origin() -> str:
    return (
        urlsplit(settings.PORTAL_URL)
        ._replace(netloc=f"{HOSTS['shop']}:{settings.PORT}", path="")
        .geturl()
    )


def move() -> None:
    """Where the shop's page stands follows the port."""
    Site.objects.filter(key="boutique").update(origins=[_shop_origin()])
