"""What leads do to many exchanges at once, and colleagues to many customers."""

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm import clock, registry
from crm.models import Agent, Customer, Interaction, Queue, Status, Tag, User
from crm.registry import BulkAct, Skipped
from crm.services import customers, interactions, rights

LEADS = "crm.supervise_interactions"
Options = dict[str, Any]
# what undoing compares, and brings back
_FIELDS = ("status", "agent_id", "queue_id", "outcome", "nature", "real_subject_id", "wake_at",
           "wake_closes", "closed_at", "last_agent_at", "reopened", "priority",
           "waiting_since")  # fmt: skip


def _state(row: Interaction) -> Options:
    found = {name: getattr(row, name) for name in _FIELDS}
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in found.items()}


def _agent(by: User) -> Agent | None:
    return getattr(by, "agent", None)


def _open(row: Interaction, *others: Agent | None) -> Interaction:
    row = interactions.locked_with_agents(row, *others)
    if row.status == Status.CLOSED:
        raise Skipped(_("It is closed."))
    return row


def _colleague(key: int) -> Agent:
    found = Agent.objects.filter(pk=key, user__is_active=True).first()
    if found is None:
        raise Skipped(_("This colleague has left."))
    return found


def _assign(row: Interaction, by: User, options: Options) -> None:
    to = _colleague(options["agent"])
    row = _open(row, _agent(by), to)
    if row.agent_id == to.pk:
        raise Skipped(_("%(name)s has it already.") % {"name": to})
    if row.agent_id is None:
        interactions.assign(row, to)
    else:
        interactions.transfer(row, by=_agent(by), to_agent=to)


def _queue(row: Interaction, by: User, options: Options) -> None:
    row, to = _open(row, _agent(by)), Queue.objects.filter(pk=options["queue"]).first()
    if to is None or (row.queue_id == to.pk and row.agent_id is None):
        raise Skipped(_("It is there already."))
    interactions.transfer(row, by=_agent(by), to_queue=to)


def _snooze(row: Interaction, by: User, options: Options) -> None:
    row, until = _open(row, _agent(by)), parse_datetime(options["until"])
    if registry.channel(row.channel).live:
        raise Skipped(_("The customer waits for an answer now."))
    interactions.snooze(row, by=_agent(by), until=until or clock.now())


def _close(row: Interaction, by: User, options: Options) -> None:
    row = _open(row, _agent(by))
    try:
        interactions.close(row, by=_agent(by), outcome=options["outcome"])
    except interactions.CannotClose as rule:
        raise Skipped(str(rule.words)) from None


def _spam(row: Interaction, by: User, options: Options) -> None:
    _close(row, by, {"outcome": Interaction.Outcome.SPAM})


def _undo(row: Interaction, by: User, before: Options) -> None:
    """Open where it was open, with whom and where it was; its place in the line too."""
    holder = _colleague(before["agent_id"]) if before["agent_id"] else None
    row = interactions.locked_with_agents(row, _agent(by), holder)
    if row.status == Status.CLOSED:
        row = interactions.reopen(row, by=_agent(by))
    if holder and row.status == Status.PENDING and row.agent_id == holder.pk:
        row = interactions.take_back(row, holder)
    if row.agent_id != before["agent_id"] or row.queue_id != before["queue_id"]:
        queue = Queue.objects.filter(pk=before["queue_id"]).first()
        row = interactions.transfer(row, by=_agent(by), to_queue=queue)
        if holder:
            row = interactions.assign(row, holder)
    elif holder is None and row.status == Status.PENDING:
        row = interactions.transfer(row, by=_agent(by))
    if before["status"] == Status.PENDING:
        _set_aside(row, before)
    was = {name: before[name] for name in ("priority", "reopened", "outcome", "nature")}
    was["real_subject_id"] = before["real_subject_id"]
    if before["status"] == Status.WAITING:
        was["waiting_since"] = parse_datetime(before["waiting_since"])
    Interaction.objects.filter(pk=row.pk).update(**was)
    interactions.nudge(interactions.locked(row.pk))


def _set_aside(row: Interaction, before: Options) -> None:
    until = parse_datetime(before["wake_at"] or "")
    if until and until > clock.now():
        interactions.snooze(row, by=None, until=until, closes=before["wake_closes"])
    else:
        interactions.wait_for_customer(row, by=None)


def _tags_of(customer: Customer) -> Options:
    return {"tags": sorted(customer.tags.values_list("pk", flat=True))}


def _tag(customer: Customer, by: User, options: Options) -> None:
    Customer.all_rows.select_for_update(of=("self",)).get(pk=customer.pk)
    had = set(customer.tags.values_list("pk", flat=True))
    names = [*customer.tags.values_list("name", flat=True), *options["tags"]]
    customers.set_tags(customer, names)
    if had == set(customer.tags.values_list("pk", flat=True)):
        raise Skipped(_("It has them already."))


def _untag(customer: Customer, by: User, before: Options) -> None:
    customer.tags.set(Tag.objects.filter(pk__in=before["tags"]))


def _exchanges(by: User) -> Any:
    return Interaction.objects.visible_to(by)


_NAMES: list[tuple[str, Any, Any]] = [
    ("assign", gettext_lazy("Assign to a colleague"), _assign),
    ("queue", gettext_lazy("Change the queue"), _queue),
    ("snooze", pgettext_lazy("bulk action", "Set aside until a time"), _snooze),
    ("close", pgettext_lazy("bulk action", "Close with a code"), _close),
    ("spam", gettext_lazy("It is spam: close"), _spam),
]
ACTS = [
    *(
        BulkAct(name, label, Interaction, LEADS, _exchanges, _state, do, _undo)
        for name, label, do in _NAMES
    ),
    BulkAct(
        "tag", gettext_lazy("Add tags"), Customer, "crm.change_customer", rights.customers_for,
        _tags_of, _tag, _untag,
    ),
]  # fmt: skip
