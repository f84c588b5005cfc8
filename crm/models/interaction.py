"""One exchange, from opening to closing, on one channel."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from .customer import Customer
from .hours import Schedule
from .journey import Visit
from .own_field import OwnValues
from .queue import Queue
from .subject import Subject
from .team import Agent


class Status(models.TextChoices):
    WAITING = "waiting", _("Waiting")  # nobody has it yet
    ACTIVE = "active", _("Active")  # an agent has it
    PENDING = "pending", _("Pending")  # the customer's turn, or snoozed until wake_at
    CLOSED = "closed", _("Closed")


MOVES: dict[str, set[str]] = {
    Status.WAITING: {Status.ACTIVE, Status.PENDING, Status.CLOSED},
    Status.ACTIVE: {Status.WAITING, Status.PENDING, Status.CLOSED},
    Status.PENDING: {Status.WAITING, Status.ACTIVE, Status.CLOSED},
    Status.CLOSED: {Status.WAITING},
}


class IllegalMove(Exception):
    """The interaction cannot go from its status to the one asked for."""


MOST_PRIORITY = 9  # nobody goes before everybody for ever
PRIORITY_MINUTES = 10  # of waiting: what one step of priority is worth, so that nothing starves


class LinePlace(Func):
    """Where it stands in its line, smallest first: since when it waits, moved by its priority.

    An expression of its own row only, so that the line is an index and never has to be sorted."""

    template = "(%(expressions)s)"
    arg_joiner = " AT TIME ZONE 'UTC') - INTERVAL '10 minutes' * ("
    output_field = models.DateTimeField()


def line_place() -> LinePlace:
    return LinePlace(F("waiting_since"), F("priority"))


class InteractionQuerySet(models.QuerySet["Interaction"]):
    """The words in which everybody asks for interactions."""

    def open(self) -> "InteractionQuerySet":
        return self.exclude(status=Status.CLOSED)

    def waiting(self) -> "InteractionQuerySet":
        return self.filter(status=Status.WAITING)

    def in_line(self) -> "InteractionQuerySet":
        """In the order in which they are served."""
        return self.order_by(line_place(), "pk")

    def with_hours(self) -> "InteractionQuerySet":
        """All that tells the hours of its subject and its queue, without a query per row."""
        return self.select_related(
            "queue__schedule", "subject__queue__schedule", "subject__schedule",
            "subject__off_hours_queue__schedule",
            "subject__parent__schedule", "subject__parent__parent__schedule",
        )  # fmt: skip

    def held_by(self, agent: Agent) -> "InteractionQuerySet":
        """What they have, and what they assist in."""
        mine = Q(agent=agent) | Q(pk__in=Interaction.objects.assisted_by(agent).values("pk"))
        return self.filter(mine, status__in=[Status.ACTIVE, Status.PENDING])

    def assisted_by(self, agent: Agent) -> "InteractionQuerySet":
        """A colleague's, in which this one writes too (services.interactions.conference)."""
        return self.filter(
            participants__agent=agent, participants__role="assist", participants__left_at=None
        )

    def by_reference(self, reference: str) -> "InteractionQuerySet":
        """`2611-0042` → the interaction numbered 42; nothing when it is no reference."""
        _month, _dash, number = reference.strip().partition("-")
        known = number.isdecimal() and len(number) < 19  # a bigint
        return self.filter(pk=int(number)) if known else self.none()

    def visible_to(self, user: Any) -> "InteractionQuerySet":
        """Agents see their queues and where they are named, leads their team's, managers and above
        everything, customers their own."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if not user.is_staff:
            return self.filter(customer__user=user)
        if user.has_perm("crm.view_all_interactions"):
            return self
        agent = getattr(user, "agent", None)
        if agent is None:
            return self.none()
        mine = Q(agent=agent) | Q(queue__in=agent.queues.all()) | Q(queue=None)
        mine |= Q(pk__in=Interaction.objects.assisted_by(agent).values("pk"))
        mine |= Q(pk__in=Interaction.objects.filter(mentions__agent=agent).values("pk"))
        if agent.team_id and user.has_perm("crm.view_team_interactions"):
            team = Agent.objects.filter(team=agent.team_id)
            mine |= Q(agent__in=team) | Q(queue__in=Queue.objects.filter(skills__agent__in=team))
        return self.filter(mine)


class Interaction(OwnValues):
    """One exchange on one channel. Each channel hangs its own row on it (one to one)."""

    class Nature(models.TextChoices):
        INFORMATION = "information", _("information")
        FAULT = "fault", _("fault")
        ORDER = "order", _("order")
        COMPLAINT = "complaint", _("complaint")
        PRAISE = "praise", _("praise")

    class Outcome(models.TextChoices):
        NONE = "", _("not yet")
        SOLVED = "solved", _("solved")
        INFORMED = "informed", _("informed")
        PROMISED = "promised", _("next step promised")
        ORDER = "order", _("order")
        HANDED_ON = "handed_on", _("handed on")  # goes on in another interaction
        SILENT = "silent", _("customer fell silent")
        ABANDONED = "abandoned", _("abandoned")  # left before an agent's first line
        EXPIRED = "expired", _("could not be reached")
        CANCELLED = "cancelled", _("cancelled by the customer")
        SPAM = "spam", _("spam")
        REFUSED = "refused", _("complaint refused")
        ENDED = "ended", _("ended after a warning")
        MERGED = "merged", _("merged")  # its messages are in another interaction (Regrouping)

    # what no figure counts: nobody asked, or it counts where it went
    NOT_COUNTED = (Outcome.SPAM, Outcome.MERGED)

    class Origin(models.TextChoices):
        BUTTON = "button", _("fixed button")
        INVITATION = "invitation", _("invitation")
        MAIL = "mail", _("email")
        FORM = "form", _("form")
        STAFF = "staff", _("opened by an agent")

    channel = models.CharField(_("channel"), max_length=16)  # a name in crm.registry
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    customer = models.ForeignKey(  # its index is `of_customer`
        Customer,
        models.PROTECT,
        related_name="interactions",
        verbose_name=_("customer"),
        db_index=False,
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=5, default="fr")
    subject = models.ForeignKey(
        Subject,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="interactions",
        verbose_name=_("customer's subject"),
    )
    real_subject = models.ForeignKey(
        Subject,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("real subject"),
    )
    nature = models.CharField(_("nature"), max_length=12, choices=Nature, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    queue = models.ForeignKey(
        Queue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="interactions",
        verbose_name=_("queue"),
    )
    agent = models.ForeignKey(
        Agent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="interactions",
        verbose_name=_("agent"),
    )
    # the agent who closed it and is credited with the answer; set once per closing
    closed_by = models.ForeignKey(
        Agent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    # higher goes first, each step by PRIORITY_MINUTES of waiting
    priority = models.SmallIntegerField(_("priority"), default=0)
    # whom routing asks first: the agent of last time; until when nobody else is asked
    wanted_agent = models.ForeignKey(
        Agent, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    wanted_until = models.DateTimeField(null=True, blank=True)
    # came from there because nobody answered in time; it overflows once
    overflowed_from = models.ForeignKey(
        Queue, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    origin = models.CharField(_("origin"), max_length=10, choices=Origin, blank=True)
    device = models.CharField(_("device"), max_length=8, choices=Visit.Device, blank=True)
    visit = models.ForeignKey(
        Visit, models.SET_NULL, null=True, blank=True, related_name="interactions"
    )
    continues = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="continued_by",
        verbose_name=_("continues"),
    )

    opened_at = models.DateTimeField(_("opened"))
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True)
    # asked for an agent (docs/figures.md); null: not offered yet, or never
    offered_at = models.DateTimeField(_("offered"), null=True, blank=True)
    assigned_at = models.DateTimeField(_("assigned"), null=True, blank=True)
    # since when its present agent has it; `assigned_at` is the first time
    held_since = models.DateTimeField(null=True, blank=True)
    first_customer_at = models.DateTimeField(null=True, blank=True)
    first_answer_at = models.DateTimeField(_("first answer"), null=True, blank=True)
    last_customer_at = models.DateTimeField(null=True, blank=True)
    last_agent_at = models.DateTimeField(null=True, blank=True)
    # until when it is set aside; with its agent, of an active one: since when they are to act again
    wake_at = models.DateTimeField(_("wakes"), null=True, blank=True)
    # without a word of the customer until then it closes by itself
    wake_closes = models.BooleanField(default=False, db_default=False)
    # the exchange is over (hung up, visitor gone) and the agent wraps up
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # how often the agent has asked for more time to wrap up
    wrap_up_prolonged = models.PositiveSmallIntegerField(default=0, db_default=0)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    # the end of wrap-up: handling time runs from assignment to here
    handled_at = models.DateTimeField(null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(_("times reopened"), default=0)

    score = models.PositiveSmallIntegerField(_("satisfaction"), null=True, blank=True)  # 1-5
    rated_at = models.DateTimeField(null=True, blank=True)

    # who speaks here is proven: until it closes, then nobody is again (crm.services.verification)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True, editable=False)
    verified_by = models.CharField(_("verified by"), max_length=40, blank=True, editable=False)

    # the last number given per audience (docs/protocol.md: numbers); in no index, so that
    # moving them stays a heap-only update
    staff_seq = models.PositiveIntegerField(default=0)
    customer_seq = models.PositiveIntegerField(default=0)

    # the state of rules and calendars that its due times were last counted with (targets.recount)
    targets_as_of = models.CharField(max_length=32, blank=True, default="", db_default="")

    objects = InteractionQuerySet.as_manager()

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        ordering = ["-opened_at", "-pk"]
        permissions = [
            ("view_all_interactions", _("Can see the interactions of every queue")),
            ("view_team_interactions", _("Can see the interactions of the own team's queues")),
            ("supervise_interactions", _("Can whisper to agents, and take over")),
            ("view_reports", _("Can see the reports")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED, closed_at__isnull=False)
                | (~Q(status=Status.CLOSED) & Q(closed_at__isnull=True)),
                name="closed_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ACTIVE) | Q(agent__isnull=False),
                name="active_has_an_agent",
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=1, score__lte=5), name="score_1_to_5"
            ),
        ]
        indexes = [
            models.Index(
                F("queue"),
                line_place(),
                F("id"),
                condition=Q(status=Status.WAITING),
                name="line",
            ),
            models.Index(
                fields=["agent"], condition=~Q(status=Status.CLOSED), name="open_of_agent"
            ),
            models.Index(fields=["wake_at"], condition=Q(status=Status.PENDING), name="to_wake"),
            models.Index(fields=["customer", "-opened_at"], name="of_customer"),
            models.Index(fields=["opened_at"], name="by_opening"),
            models.Index(fields=["offered_at"], name="by_offer"),
            models.Index(fields=["closed_at"], name="by_closing"),
            models.Index(
                fields=["opened_at"],
                include=["continues"],
                condition=Q(continues__isnull=False),
                name="went_on",
            ),
            # few exchanges have own fields: the others cost the index nothing
            GinIndex(
                fields=["own_terms"], condition=~Q(own_terms=[]), name="interaction_own_terms"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What the customer reads: "2611-0042", the month of opening and the number."""
        return f"{self.opened_at:%y%m}-{self.pk:04d}"

    def hours(self) -> Schedule | None:
        """Its subject's, else its queue's."""
        hours = self.subject.hours() if self.subject else None
        return hours or (self.queue.schedule if self.queue else None)

    def move_to(self, status: str, at: datetime) -> None:
        """Change the status and the times that belong to it, unsaved. Call under the row's lock.

        Raises IllegalMove."""
        if status not in MOVES[self.status]:
            raise IllegalMove(f"{self.status} → {status}")
        if self.status == Status.CLOSED:
            self.closed_at = self.ended_at = self.handled_at = None
            self.wrap_up_prolonged = 0
            self.outcome = ""
            self.reopened += 1
        self.status = status
        self.waiting_since = at if status == Status.WAITING else None
        if status != Status.PENDING:
            self.wake_at, self.wake_closes = None, False
        if status == Status.CLOSED:
            self.verified_at, self.verified_by = None, ""
            self.closed_at = at
            self.handled_at = self.handled_at or at
