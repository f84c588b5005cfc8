"""A month of exchanges made by a rule, so that every figure can be said without the database.

Each `Story` is one exchange as a plain record; `write` stores them by the thousand, and
`oracle.py` counts them in plain Python."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from chat.models import Chat, Invitation, InvitationRule, Site
from crm.models import (
    Agent,
    Complaint,
    Customer,
    DueTime,
    Interaction,
    Queue,
    Status,
    Subject,
    Visit,
    WorkSegment,
)
from selfcare.models import (
    Answer,
    Callback,
    CallbackAttempt,
    Incident,
    IncidentLink,
    SurveyInvitation,
)

PARIS = ZoneInfo("Europe/Paris")

CHANNELS = ("chat", "mail", "chat", "callback", "chat")
OUTCOMES = ("solved", "informed", "solved", "promised", "abandoned", "solved", "spam", "order",
            "handed_on", "solved", "", "cancelled", "merged")  # fmt: skip
ANSWERS = (8, 30, 31, 95, 600)  # seconds
SIX_HOURS = timedelta(hours=6)


@dataclass
class Story:
    """One exchange. Times are instants; what is None has not happened."""

    number: int
    customer: int
    channel: str
    queue: str
    agent: str | None  # whose it is: "bea", "carl"
    answered_by: str | None
    asked: str | None  # the customer's subject
    real: str | None
    language: str
    device: str
    origin: str
    outcome: str
    offered: datetime
    assigned: datetime | None
    spoke: datetime | None
    answer: datetime | None
    last: datetime | None  # the last human line, or hanging up
    closed: datetime | None
    reopened: int
    score: int | None
    effort: int | None
    recommendation: int | None
    solved: bool | None
    verdict: str
    target: str  # first answer: "", "kept", "missed", "late"
    amount: int | None
    complaint: bool | None  # founded or not; None with is_complaint: not judged
    is_complaint: bool
    incident: bool
    rule: bool
    dialled: str  # callbacks: "", "early", "in time", "late", "late, then in time"
    wrap_up: int = 30

    @property
    def place(self) -> str | None:
        return {"bea": "Rennes", "carl": "Toulouse"}.get(self.agent or "")

    @property
    def subject(self) -> str | None:
        return self.real or self.asked


def stories(first: datetime, days: int) -> Iterator[Story]:
    """Twelve a day and a bit, at every time of the day, also where the clock is changed."""
    gap = timedelta(days=1) / 12
    count = days * 12
    for n in range(count):
        yield _story(n, first + n * gap * 1.0003)
    # the first and the last instant of the month, and those just outside
    end = first_after(first, days)
    for m, at in enumerate((first, first - _TICK, end - _TICK, end)):
        yield _story(count + m, at)


_TICK = timedelta(microseconds=1)


def first_after(first: datetime, days: int) -> datetime:
    """The same hour of the wall, so many days later."""
    return (first.astimezone(PARIS) + timedelta(days=days)).astimezone(UTC)


def _story(n: int, offered: datetime) -> Story:
    channel, outcome = CHANNELS[n % 5], OUTCOMES[n % 13]
    gone_at_once = n % 37 == 5
    answered = outcome not in ("abandoned", "handed_on", "cancelled") and not gone_at_once
    if gone_at_once:
        outcome = "cancelled"
    after = ANSWERS[n % 7 % 5]
    answer = offered + timedelta(seconds=after) if answered else None
    assigned = offered + timedelta(seconds=after - 5) if answered else None
    last = answer + timedelta(seconds=60 + 37 * (n % 23)) if answer else None
    closed = (last or offered) + timedelta(seconds=3 if gone_at_once else 45 + n % 11)
    agent = ("bea", "carl")[n // 3 % 2] if answered else None
    asked = answered and bool(outcome) and n % 3 == 0
    return Story(
        number=n,
        customer=n - 12 * (n % 8) if n % 4 == 3 and n > 100 else n,
        channel=channel,
        queue=("box", "mobile")[n % 3 % 2],
        agent=agent,
        answered_by={"bea": "carl", "carl": "bea"}[agent] if agent and n % 29 == 0 else agent,
        asked=(None, "remote", "decoder", "sim")[n % 4],
        real=(None, "decoder", "sim")[n % 3] if answered else None,
        language="en" if n % 10 == 0 else "fr",
        device=("mobile", "desktop", "")[n % 3],
        origin=("button", "invitation", "form", "mail", "")[n % 5],
        outcome=outcome,
        offered=offered,
        assigned=assigned,
        spoke=None if gone_at_once else offered,
        answer=answer,
        last=last,
        closed=closed if outcome else None,
        reopened=n % 17 // 15,
        score=1 + n % 5 if asked else None,
        effort=1 + n % 7 if asked and n % 2 else None,
        recommendation=n % 11 if asked and n % 6 == 0 else None,
        solved=(True, False, None)[n // 3 % 3] if asked else None,
        verdict="sent" if answered and n % 3 < 2 else "no_address" if n % 5 == 2 else "rest_period",
        target=("", "kept", "missed", "late")[n % 4],
        amount=20 + n if channel == "chat" and answered and n % 19 == 0 else None,
        complaint=(True, False, None)[n % 3],
        is_complaint=n % 23 == 7,
        incident=n % 31 == 4,
        rule=n % 5 == 1 and channel == "chat",
        dialled=("in time", "late", "early", "late, then in time", "")[n // 5 % 5]
        if channel == "callback"
        else "",
    )


@dataclass
class Cast:
    """Whom the stories name."""

    agents: dict[str, Agent]
    queues: dict[str, Queue]
    subjects: dict[str, Subject]
    rule: InvitationRule | None = None


def write(cast: Cast, told: list[Story]) -> None:
    """All of them, a statement or two per table."""
    people = {n: Customer() for n in sorted({story.customer for story in told})}
    Customer.objects.bulk_create(people.values())
    rows = {s.number: _interaction(cast, s, people[s.customer]) for s in told}
    Interaction.objects.bulk_create(rows.values())
    WorkSegment.objects.bulk_create(
        segment for s in told for segment in _segments(cast, s, rows[s.number])
    )
    _channels(cast, told, rows)
    _surveys(cast, told, rows)
    _promises(told, rows)
    incident = Incident.objects.create(title_fr="Panne", text_fr="Panne.")
    IncidentLink.objects.bulk_create(
        IncidentLink(incident=incident, interaction=rows[s.number], state="attached")
        for s in told
        if s.incident
    )
    with connection.cursor() as cursor:  # nobody has counted the new rows yet: plans would be blind
        cursor.execute("ANALYZE")


def _interaction(cast: Cast, s: Story, customer: Customer) -> Interaction:
    agent = cast.agents.get(s.agent or "")
    return Interaction(
        channel=s.channel,
        customer=customer,
        queue=cast.queues[s.queue],
        agent=agent,
        closed_by=agent if s.closed else None,
        subject=cast.subjects.get(s.asked or ""),
        real_subject=cast.subjects.get(s.real or ""),
        language=s.language,
        device=s.device,
        origin=s.origin,
        outcome=s.outcome,
        status=Status.CLOSED if s.closed else Status.ACTIVE if agent else Status.WAITING,
        opened_at=s.offered,
        offered_at=s.offered,
        assigned_at=s.assigned,
        first_customer_at=s.spoke,
        first_answer_at=s.answer,
        last_customer_at=s.spoke,
        last_agent_at=s.last,
        closed_at=s.closed,
        handled_at=s.closed,
        reopened=s.reopened,
        score=s.score,
    )


def _segments(cast: Cast, s: Story, row: Interaction) -> Iterator[WorkSegment]:
    """The one who answered worked until the last line, the one who closed it wrapped it up."""
    if not (s.assigned and s.last and s.agent and s.answered_by):
        return
    kind = WorkSegment.Kind.CALL if s.channel == "callback" else WorkSegment.Kind.WRITE
    for who, what, since, until in (
        (s.answered_by, kind, s.assigned, s.last),
        (s.agent, WorkSegment.Kind.WRAP_UP, s.last, s.last + timedelta(seconds=s.wrap_up)),
    ):
        yield WorkSegment(
            agent=cast.agents[who], interaction=row, kind=what, since=since, until=until
        )


def _channels(cast: Cast, told: list[Story], rows: dict[int, Interaction]) -> None:
    site = Site.objects.create(key="shop", name="Boutique")
    Chat.objects.bulk_create(
        Chat(interaction=rows[s.number], site=site, start_key=f"{s.number}", order_amount=s.amount)
        for s in told
        if s.channel == "chat"
    )
    cast.rule = InvitationRule.objects.create(
        site=site, name="Télécommande", subject=cast.subjects["remote"]
    )
    visits = [Visit(key=f"v{s.number}") for s in told if s.rule]
    Visit.objects.bulk_create(visits)
    Invitation.objects.bulk_create(
        Invitation(
            site=site, rule=cast.rule, visit=visit, subject=cast.subjects["remote"],
            state="accepted", page_url="/", interaction=rows[s.number], created_at=s.offered,
        )
        for visit, s in zip(visits, (s for s in told if s.rule), strict=True)
    )  # fmt: skip
    calls = {s.number: Callback(interaction=rows[s.number], promised_at=s.offered)
             for s in told if s.channel == "callback"}  # fmt: skip
    Callback.objects.bulk_create(calls.values())
    late, five = timedelta(minutes=6), timedelta(minutes=5)
    moments = {"": [], "early": [-late], "in time": [five], "late": [late],
               "late, then in time": [late, 2 * late]}  # fmt: skip
    CallbackAttempt.objects.bulk_create(
        CallbackAttempt(
            callback=calls[s.number], agent=cast.agents["carl"], outcome="busy",
            promised_at=s.offered + number * late,
            promised_until=s.offered + five + number * late,
            started_at=s.offered + moment, ended_at=s.offered + moment,
        )
        for s in told if s.channel == "callback"
        for number, moment in enumerate(moments[s.dialled])
    )  # fmt: skip


def _surveys(cast: Cast, told: list[Story], rows: dict[int, Interaction]) -> None:
    asked = {
        s.number: SurveyInvitation(
            interaction=rows[s.number],
            customer=rows[s.number].customer,
            verdict=s.verdict,
            state=state_of(s),
            closed_at=s.closed,
            sent_at=s.closed if s.verdict == "sent" else None,
        )
        for s in told
        if s.closed
    }
    SurveyInvitation.objects.bulk_create(asked.values())
    Answer.objects.bulk_create(
        Answer(
            invitation=asked[s.number], score=s.score, effort=s.effort, solved=s.solved,
            recommendation=s.recommendation, via="card", answered_at=s.closed,
        )
        for s in told if state_of(s) == "answered"
    )  # fmt: skip


def state_of(s: Story) -> str:
    if s.verdict != "sent" or not s.closed:
        return "withheld"
    return "answered" if s.score else "sent"


def _promises(told: list[Story], rows: dict[int, Interaction]) -> None:
    minute, done = timedelta(minutes=1), {"kept": 1, "missed": None, "late": 2}
    DueTime.objects.bulk_create(
        DueTime(
            interaction=rows[s.number], kind="first", started_at=s.offered,
            due_at=s.offered + minute,
            done_at=done[s.target] and s.offered + done[s.target] * minute,
        )
        for s in told if s.target
    )  # fmt: skip
    Complaint.objects.bulk_create(
        Complaint(
            interaction=rows[s.number], opened_at=s.offered + SIX_HOURS,
            level_since=s.offered, founded=s.complaint,
        )
        for s in told if s.is_complaint
    )  # fmt: skip
    DueTime.objects.bulk_create(
        DueTime(
            interaction=rows[s.number], kind="solution", started_at=s.offered,
            due_at=s.offered + 5 * minute, done_at=s.closed,
        )
        for s in told if s.is_complaint
    )  # fmt: skip
