"""What Bea finds on her desk besides customers: a note that names her, promises that fall due while
one looks; and what leads keep: blocked customers. Each once."""

from datetime import datetime, time, timedelta

from config.demo import links, marks
from crm import clock
from crm.models import Agent, Block, Customer, Interaction, Mention, NextStep, User
from crm.services import blocks, customers, noting

_BLOCKED = [
    ("Insultes répétées malgré deux avertissements, voir le journal.", 30, False),
    ("Quarante formulaires vides en une heure.", 2, False),
    ("Menaces envers un conseiller ; levé après un courrier d’excuses.", 7, True),
]
_PROMISES = [
    "Vérifier que le remboursement est arrivé, et le dire au client",
    "Rappeler le technicien pour la date du passage",
    "Envoyer la facture corrigée",
]
_NOTE = "@Bea tu as eu ce client au téléphone la semaine dernière : que lui avons-nous promis ?"


def ensure() -> None:
    """After the history: it hangs on exchanges that are there."""
    bea = Agent.objects.filter(user__email=links.PEOPLE["agent"]).first()
    lead = User.objects.filter(email=links.PEOPLE["manager"]).first()
    if lead and not Block.objects.exists():
        _block(lead)
    if bea and not NextStep.objects.exists():
        _promise(bea)
    if bea and not Mention.objects.exists():
        _name(bea)


def _block(lead: User) -> None:
    """People of their own: whoever else is simulated goes on writing."""
    for number, (reason, days, lifted) in enumerate(_BLOCKED, 1):
        who = customers.identify(
            "mail", f"bloque{number}@{marks.DOMAIN}", name=f"Client Bloqué {number}"
        )
        until = clock.now() + timedelta(days=days)
        made = blocks.block(who, reason=reason, until=until, by=lead)
        if lifted:
            blocks.lift(made, by=lead)
    marks.mark(Customer.objects.all())


def _promise(bea: Agent) -> None:
    """In a quarter of an hour, this evening, tomorrow morning: what is due comes back to her."""
    at = clock.now()
    kept = Interaction.objects.filter(
        channel="mail", status="closed", outcome="promised", customer__is_simulated=True
    )
    mine = kept.filter(closed_by=bea).order_by("-closed_at")[: len(_PROMISES)]
    moments = [at + timedelta(minutes=15), _local(at, 0, time(18)), _local(at, 1, time(10))]
    for row, text, due in zip(mine, _PROMISES, moments, strict=False):
        NextStep.objects.create(
            interaction=row, text=text, due_at=max(due, at + timedelta(minutes=15)), agent=bea,
            at=row.closed_at or at,
        )  # fmt: skip


def _local(at: datetime, days: int, moment: time) -> datetime:
    here = at.astimezone()
    return datetime.combine(here.date() + timedelta(days=days), moment, here.tzinfo)


def _name(bea: Agent) -> None:
    """In a queue that is not hers: the note is her way in. One that is open, if there is."""
    mails = Interaction.objects.filter(channel="mail", customer__is_simulated=True, complaint=None)
    theirs = mails.exclude(queue__in=bea.queues.all()).order_by("-pk")
    row = theirs.open().first() or theirs.first()
    by = Agent.objects.filter(display_name="Sandrine").first()
    if row and by:
        noting.note(row, _NOTE, agent=by, client_id="demo.named")
