"""What the generator writes into, and what it looks up: one object for one stretch of days."""

import heapq
import itertools
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from chat.models import Chat
from crm.models import (
    AgentState,
    Complaint,
    DueTime,
    Interaction,
    Message,
    Participant,
    Queue,
    Subject,
    WorkSegment,
)
from selfcare.models import Answer, Callback, CallbackAttempt, SurveyInvitation, SurveyVersion
from tickets.models import Mail, Mailbox, Ticket

from . import clients, desk, visits
from .clients import Client
from .draws import pick
from .ledger import Ledger
from .scores import Surveys
from .tables import Table
from .volumes import PARIS, Arrival, is_office, subjects


class World:
    """Tables in the order in which they can be written, and the floor that fills them."""

    def __init__(self, today: date, now: datetime, mark: str) -> None:
        self.today, self.now = today, now
        customers, identities = clients.tables()
        seen, steps, invitations = visits.tables()
        self.interactions = Table(Interaction)
        self.participants = Table(Participant)
        self.messages = Table(Message)
        self.segments = Table(WorkSegment)
        self.chats, self.callbacks = Table(Chat), Table(Callback)
        self.attempts = Table(CallbackAttempt)
        self.tickets, self.mails = Table(Ticket), Table(Mail)
        self.due_times, self.complaints = Table(DueTime), Table(Complaint)
        asked, answers = Table(SurveyInvitation), Table(Answer)
        states = Table(AgentState)
        self.order = [
            customers, identities, seen, steps, self.interactions, self.participants,
            self.messages, self.segments, self.chats, self.callbacks, self.attempts,
            self.tickets, self.mails, self.due_times, self.complaints, invitations,
            asked, answers, states,
        ]  # fmt: skip
        self.clients = clients.Clients(customers, identities, mark)
        self.visits = visits.Visits(seen, steps, invitations, today)
        self.ledger = Ledger(states)
        version = SurveyVersion.objects.order_by("-pk").first()
        assert version is not None  # noqa: S101 (made by house.ensure)
        self.surveys = Surveys(asked, answers, version, now)
        self.desk = desk.seats(today)
        self.queues = dict(Queue.objects.values_list("slug", "pk"))
        self.subjects = dict(Subject.objects.values_list("slug", "pk"))
        self.mailboxes = dict(
            Mailbox.objects.filter(queue__isnull=False).values_list("queue__slug", "pk")
        )
        self.facts = Random(f"facts {mark}")  # noqa: S311
        self.promised = Random(f"promised {mark}")  # noqa: S311
        self._kept: dict[int, dict[str, Any]] = {}
        self._events: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._order = itertools.count()

    def at(self, moment: datetime, happens: Callable[[datetime], None]) -> None:
        """Have something happen then: the floor must be asked in the order of time."""
        heapq.heappush(self._events, (moment, next(self._order), happens))

    def play(self) -> None:
        """Let everything happen, first things first."""
        while self._events:
            moment, _number, happens = heapq.heappop(self._events)
            happens(moment)

    def device(self, rng: Random) -> str:
        return pick(rng, visits.DEVICES)

    def queue_of(self, arrival: Arrival) -> str:
        """A subject's queue; theft or loss leads to the box queue outside office hours."""
        row = subjects()[arrival.subject]
        if row["off_hours_queue"] and not is_office(arrival.at):
            return str(row["off_hours_queue"])
        if arrival.channel != "mail" and not row["always_open"] and not is_office(arrival.at):
            return "box"
        return str(row["queue"])

    def office_time(self, at: datetime, hours: float) -> datetime:
        """`hours` opening hours (Mon-Sat 8-20) after `at`."""
        local, left = at.astimezone(PARIS), hours * 3600
        while True:
            opens = datetime.combine(local.date(), time(8), PARIS)
            closes = datetime.combine(local.date(), time(20), PARIS)
            if local.weekday() < 6 and local < closes:
                local = max(local, opens)
                room = (closes - local).total_seconds()
                if left <= room:
                    return local.astimezone(self.now.tzinfo) + timedelta(seconds=left)
                left -= room
            local = datetime.combine(local.date() + timedelta(days=1), time(8), PARIS)

    def slot(self, rng: Random, at: datetime) -> datetime:
        """A half hour within the next two working days."""
        later = self.office_time(at, 1 + rng.random() * 14).astimezone(PARIS)
        return later.replace(minute=0 if later.minute < 30 else 30, second=0, microsecond=0)

    def keep(self, row: dict[str, Any]) -> int:
        """An interaction whose numbers are not known yet; its id is."""
        key = self.interactions.reserve()
        self._kept[key] = row
        return key

    def numbers(
        self,
        key: int,
        staff: int,
        customer: int,
        customer_at: datetime,
        agent_at: datetime | None,
        rated: tuple[int, datetime] | None = None,
    ) -> None:
        """Now they are: the interaction is complete."""
        row = self._kept.pop(key)
        self.interactions.add(
            id=key,
            staff_seq=staff,
            customer_seq=customer,
            last_customer_at=customer_at,
            last_agent_at=agent_at,
            score=rated[0] if rated else None,
            rated_at=rated[1] if rated else None,
            **row,
        )
        self.participants.add(
            interaction_id=key,
            role="customer",
            customer_id=row["customer_id"],
            joined_at=row["opened_at"],
            delivered_seq=customer,
            read_seq=customer,
        )

    def taken(self, key: int, agent_id: int | None, joined: datetime, left: datetime) -> None:
        if agent_id:
            self.participants.add(
                interaction_id=key, role="agent", agent_id=agent_id, joined_at=joined, left_at=left
            )

    def segment(self, agent_id: int, key: int, kind: str, since: datetime, until: datetime) -> None:
        if until > since:
            self.segments.add(
                agent_id=agent_id, interaction_id=key, kind=kind, since=since, until=until
            )
            self.ledger.add(agent_id, since, until, "wrap_up" if kind == "wrap_up" else "work")

    def mail(
        self, key: int, message: int, client: Client, title: str, text: str, arrival: Arrival
    ) -> None:
        """The mail behind the first message; the demo keeps no raw bytes for its history."""
        self.mails.add(
            direction="in",
            state="filed",
            interaction_id=key,
            message_id=message,
            header_id=f"demo-{key}@courrier.example",
            from_email=client.mail,
            from_name=f"{client.first} {client.last}",
            to=[],
            subject=title,
            language=client.language,
            text=text,
            size=len(text),
            verdict="accept",
            mailbox_id=self.mailboxes[self.queue_of(arrival)],
            created_at=arrival.at,
            stored_at=arrival.at,
        )

    def write(self) -> int:
        """COPY everything, parents first. Returns how many rows."""
        self.ledger.write()
        return sum(table.write() for table in self.order)
