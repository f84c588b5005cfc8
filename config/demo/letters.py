"""The demo company's mail: its addresses, its rules, the answers that agents begin from."""

from crm.models import Queue, ReplyTemplate
from tickets.models import Mailbox, MailRule

DOMAIN = "lumio.example"
SIGNATURE_FR = "Le service client Lumio"
SIGNATURE_EN = "Lumio customer service"
# name → queue or all, French, English
TEMPLATES = {
    "Redémarrer la box": (
        "box",
        "Bonjour {name},\n\nRetirez la prise de votre box, attendez **dix secondes**, puis "
        "rebranchez-la. Le voyant devient vert en cinq minutes environ.\n\n"
        "S’il reste rouge, répondez à cet e-mail\u00a0: nous faisons un test de la ligne.",
        "Hello {name},\n\nUnplug your box, wait **ten seconds**, then plug it in again. The "
        "light turns green within five minutes.\n\nIf it stays red, answer this email and we "
        "test the line.",
    ),
    "Facture expliquée": (
        "billing",
        "Bonjour {name},\n\nVotre facture contient\u00a0:\n\n- l’abonnement du mois à venir\n"
        "- les communications du mois passé\n\nLe détail est dans votre espace client.",
        "Hello {name},\n\nYour bill has:\n\n- next month’s subscription\n- last month’s calls"
        "\n\nThe details are in your customer area.",
    ),
    "Nous cherchons": (
        "",
        "Bonjour {name},\n\nMerci de votre message. Je vérifie votre demande n°\u00a0{reference} "
        "et je vous réponds demain au plus tard.",
        "Hello {name},\n\nThank you for your message. I am looking into your request no. "
        "{reference} and answer you by tomorrow.",
    ),
}


def ensure() -> None:
    _mailboxes()
    _mail_rules()
    _templates()


def _mailboxes() -> None:
    for slug, local in (
        ("box", "assistance"),
        ("mobile", "mobile"),
        ("billing", "factures"),
        ("sales", "conseil"),
        ("box", "bonjour"),  # MAIL_FROM's: who answers a code or an invitation is heard as well
    ):
        queue = Queue.objects.get(slug=slug)
        name = "Service client Lumio" if local == "bonjour" else queue.name_fr
        Mailbox.objects.get_or_create(
            address=f"{local}@{DOMAIN}",
            defaults={
                "name": name,
                "queue": queue,
                "signature_fr": SIGNATURE_FR,
                "signature_en": SIGNATURE_EN,
            },
        )


def _mail_rules() -> None:
    """Who writes to the wrong address is served all the same."""
    mailbox = Mailbox.objects.get(address=f"assistance@{DOMAIN}")
    for position, (where, words, slug) in enumerate(
        [
            (MailRule.Where.TITLE, "facture, prélèvement, invoice", "billing"),
            (MailRule.Where.TITLE, "eSIM, carte SIM, PUK", "mobile"),
        ],
        1,
    ):
        MailRule.objects.get_or_create(
            mailbox=mailbox,
            words=words,
            defaults={
                "position": position,
                "where": where,
                "queue": Queue.objects.get(slug=slug),
            },
        )
    MailRule.objects.get_or_create(
        mailbox=mailbox,
        words="newsletter@, lettre d’information",
        defaults={"position": 3, "sets_aside": True},
    )


def _templates() -> None:
    """Answers that agents begin from."""
    for name, (slug, french, english) in TEMPLATES.items():
        ReplyTemplate.objects.get_or_create(
            name=name,
            defaults={
                "queue": Queue.objects.get(slug=slug) if slug else None,
                "text_fr": french,
                "text_en": english,
            },
        )
