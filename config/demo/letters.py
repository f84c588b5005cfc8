"""The demo company's mail: its addresses and rules."""

from crm.models import Queue
from tickets.models import Mailbox, MailRule

DOMAIN = "lumio.example"
SIGNATURE_FR = "Le service client Lumio"
SIGNATURE_EN = "Lumio customer service"


def ensure() -> None:
    _mailboxes()
    _mail_rules()


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
