"""One exchange at a time, with every row it leaves: interaction, lines, ledger, survey."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm.models import Message

from . import talk
from .clients import Client
from .desk import Seat
from .draws import lognormal, pick
from .scores import Exchange
from .volumes import PARIS, Arrival, subjects
from .world import World

# conversation: log-normal; the medians are raised so that the means come out as the trade's
CHAT_MEDIAN, CHAT_SIGMA = 6.95, 0.58
CALL_MEDIAN, CALL_SIGMA = 5.7, 0.58
MAIL_MEDIAN, MAIL_SIGMA = 3.1, 0.75  # per answer; 1.4 answers each
FACTORS = {
    "slow-wifi": 1.5, "no-internet": 1.25, "tv-picture": 0.9, "remote-control": 0.9,
    "sim-esim-puk": 0.55, "moving-house": 1.4, "cancellation": 1.3, "order-tracking": 0.6,
    "offer-advice": 1.35,
}  # fmt: skip
PARALLEL = 0.13  # longer for each further chat at once
OUTCOMES = {"solved": 71, "informed": 15, "promised": 9, "handed_on": 4}
NATURES = {"information": 0.40, "fault": 0.48, "order": 0.092, "complaint": 0.022, "praise": 0.006}
ATTEMPTS = {1: 0.71, 2: 0.16, 3: 0.05, 0: 0.08}  # at which attempt reached; 0: never


@dataclass
class Rows:
    """The lines of one interaction, numbered as the product numbers them."""

    world: World
    key: int
    staff: int = 0
    customer: int = 0

    def event(self, at: datetime, name: str, *, shown: bool = True, **body: Any) -> int:
        return self._add(at, "event", "system", "", {"event": name, **body}, None, shown)

    def say(self, at: datetime, who: str, text: str, agent_id: int | None) -> int:
        author = Message.Author.CUSTOMER if who == "c" else Message.Author.AGENT
        return self._add(at, "text", author, text, {}, None if who == "c" else agent_id, True)

    def _add(
        self,
        at: datetime,
        kind: str,
        author: str,
        text: str,
        body: dict[str, Any],
        agent_id: int | None,
        shown: bool,
    ) -> int:
        self.staff += 1
        self.customer += shown
        return self.world.messages.add(
            interaction_id=self.key,
            kind=kind,
            author=author,
            text=text,
            body=body,
            agent_id=agent_id,
            staff_seq=self.staff,
            customer_seq=self.customer if shown else None,
            created_at=at,
        )


def minutes(rng: Random, median: float, sigma: float, subject: str) -> timedelta:
    # the shares' mean factor is 1.05: divided out, so that the overall mean stays the trade's
    factor = FACTORS.get(subject, 1.0) / 1.05
    return timedelta(seconds=round(60 * factor * min(45, lognormal(rng, median, sigma))))


def seconds(rng: Random, low: float, high: float) -> timedelta:
    return timedelta(seconds=round(rng.uniform(low, high)))


def chat(world: World, rng: Random, arrival: Arrival, client: Client) -> None:
    """A chat from the button or an invitation to its closing code; or abandoned in the queue."""
    wait, leaves = _patience(rng, arrival)
    then = _abandoned if leaves else _picked_up
    world.at(arrival.at + wait, lambda at: then(world, rng, arrival, client, at))


def _picked_up(world: World, rng: Random, arrival: Arrival, client: Client, at: datetime) -> None:
    queue = world.queue_of(arrival)
    seat, assigned, running = world.desk.for_chat(at, queue)
    talks = minutes(rng, CHAT_MEDIAN * (1 + PARALLEL * running), CHAT_SIGMA, arrival.subject)
    greeted = assigned + seconds(rng, 4, 18)
    last = max(greeted + timedelta(seconds=45), arrival.at + talks)
    handled = last + seconds(rng, 22, 60)
    if handled > world.now:
        return
    seat.chats.append(handled)
    invited = rng.random() < 0.26 and not arrival.outage
    outcome = pick(rng, OUTCOMES)
    device = world.device(rng)
    visit = world.visits.before(
        rng, arrival.at, arrival.subject, client.language, device, client.pk
    )
    key = _interaction(
        world,
        rng,
        arrival,
        client,
        seat,
        outcome=outcome,
        device=device,
        visit_id=visit,
        origin="invitation" if invited else "button",
        assigned_at=assigned,
        first_customer_at=arrival.at,
        first_answer_at=greeted,
        ended_at=last,
        closed_at=handled,
        handled_at=handled,
    )
    lines = talk.chat(
        rng,
        client,
        seat.agent.display_name,
        arrival.subject,
        arrival.at,
        greeted,
        last,
        outcome == "solved",
    )
    rows = Rows(world, key)
    rows.say(lines[0].at, "c", lines[0].text, None)
    rows.event(assigned, "assigned", agent=seat.agent.display_name)
    for line in lines[1:]:
        rows.say(line.at, line.who, line.text, seat.agent.pk)
    rows.event(handled, "closed", outcome=outcome)
    world.chats.add(
        interaction_id=key,
        site_id=world.visits.site.pk,
        start_key=f"demo-{key}",
        page_url="/fr/",
        visitor_name=client.first,
    )
    if invited:
        world.visits.invited(rng, visit, arrival.at, seat.agent.pk, key)
    world.segment(seat.agent.pk, key, "write", assigned, last)
    world.segment(seat.agent.pk, key, "wrap_up", last, handled)
    _finish(
        world,
        rng,
        rows,
        arrival,
        client,
        seat,
        handled,
        assigned - arrival.at,
        running + 1,
        outcome == "solved",
        last_lines=lines,
    )


def _patience(rng: Random, arrival: Arrival) -> tuple[timedelta, bool]:
    """(wait, whether they left before the end of it)."""
    wait = lognormal(rng, 15, 0.70)
    local = arrival.at.astimezone(PARIS)
    if local.weekday() == 0 and (9, 30) <= (local.hour, local.minute) < (11, 0):
        wait *= 3.5  # story 4: Monday mornings lack two people
    if arrival.outage:
        wait *= 8
    patience = rng.expovariate(1 / 140) + 25
    leaves = patience < wait or (arrival.outage and rng.random() < 0.25)
    return timedelta(seconds=round(min(wait, patience))), leaves


def _abandoned(world: World, rng: Random, arrival: Arrival, client: Client, left: datetime) -> None:
    at = left + timedelta(seconds=5)
    if at > world.now:
        return
    key = _interaction(
        world,
        rng,
        arrival,
        client,
        None,
        outcome="abandoned",
        device=world.device(rng),
        origin="button",
        first_customer_at=arrival.at,
        closed_at=at,
        handled_at=at,
        ended_at=at,
    )
    rows = Rows(world, key)
    rows.say(arrival.at, "c", talk.opening(rng, client, arrival.subject), None)
    rows.event(at, "closed", outcome="abandoned")
    world.chats.add(
        interaction_id=key,
        site_id=world.visits.site.pk,
        start_key=f"demo-{key}",
        page_url="/fr/",
        visitor_name=client.first,
    )
    _finish(world, rng, rows, arrival, client, None, at, at - arrival.at, 0, False)


Call = tuple[Seat, datetime, datetime, str]  # who, from, to, outcome


def callback(world: World, rng: Random, arrival: Arrival, client: Client) -> None:
    """Asked on the portal, called at the promised time, reached or not."""
    soon = rng.random() < 0.55
    due = arrival.at if soon else world.slot(rng, arrival.at)
    late = seconds(rng, 20, 240) if rng.random() < 0.91 else seconds(rng, 400, 2400)
    reached, calls = pick(rng, ATTEMPTS), list[Call]()

    def dial(at: datetime) -> None:
        seat, start = world.desk.for_whole(at, world.queue_of(arrival))
        talks = len(calls) + 1 == reached
        length = minutes(rng, CALL_MEDIAN, CALL_SIGMA, arrival.subject)
        end = start + (length if talks else seconds(rng, 20, 40))
        seat.busy_until = end + (seconds(rng, 60, 90) if talks else seconds(rng, 8, 20))
        if seat.busy_until > world.now:
            return
        missed = pick(rng, {"no_answer": 6, "voicemail": 3, "busy": 1})
        calls.append((seat, start, end, "reached" if talks else missed))
        if len(calls) < (reached or 3):
            world.at(end + timedelta(minutes=15 if len(calls) == 1 else 240), dial)
        else:
            slot = None if soon else due
            _write_callback(world, rng, arrival, client, due, slot, calls, bool(reached))

    world.at(due + late, dial)


def _write_callback(
    world: World,
    rng: Random,
    arrival: Arrival,
    client: Client,
    due: datetime,
    slot: datetime | None,
    calls: list[tuple[Seat, datetime, datetime, str]],
    reached: bool,
) -> None:
    seat, start, end, _outcome = calls[-1]
    outcome = pick(rng, OUTCOMES) if reached else "expired"
    handled = seat.busy_until
    key = _interaction(
        world,
        rng,
        arrival,
        client,
        seat,
        outcome=outcome,
        device=world.device(rng),
        origin="form",
        offered_at=due,
        assigned_at=calls[0][1],
        first_customer_at=due,
        ended_at=end,
        first_answer_at=start if reached else None,
        closed_at=handled,
        handled_at=handled,
    )
    asked = talk.opening(rng, client, arrival.subject)
    rows = Rows(world, key)
    rows.say(arrival.at, "c", asked, None)
    rows.event(calls[0][1], "assigned", agent=seat.agent.display_name)
    world.callbacks.add(
        interaction_id=key,
        phone=client.phone,
        mail=client.mail,
        asked_text=asked,
        slot_start=slot,
        slot_end=slot + timedelta(minutes=30) if slot else None,
        promised_at=due,
        attempts_made=len(calls),
        number_confirmed=reached,
        created_at=arrival.at,
    )
    for caller, begun, ended, result in calls:
        world.attempts.add(
            callback_id=key,
            agent_id=caller.agent.pk,
            outcome=result,
            started_at=begun,
            ended_at=ended,
            promised_at=due,
            promised_until=due + timedelta(minutes=30 if slot else 5),
        )
        world.segment(caller.agent.pk, key, "call", begun, ended)
    world.segment(seat.agent.pk, key, "wrap_up", end, handled)
    rows.event(handled, "closed", outcome=outcome)
    _finish(
        world,
        rng,
        rows,
        arrival,
        client,
        seat,
        handled,
        start - due,
        1,
        outcome == "solved",
        answered=reached,
    )


Written = tuple[Seat, datetime, datetime]  # who, from, to


def mail(world: World, rng: Random, arrival: Arrival, client: Client) -> None:
    """A mail and its answer, sometimes a second round; unanswered ones wait at the end."""
    rounds, answers = 2 if rng.random() < 0.4 else 1, list[Written]()

    def write(at: datetime) -> None:
        seat, start = world.desk.for_whole(at, world.queue_of(arrival))
        end = start + minutes(rng, MAIL_MEDIAN, MAIL_SIGMA, arrival.subject)
        if end <= world.now:
            seat.busy_until = end
            answers.append((seat, start, end))
            if len(answers) < rounds:
                later = world.office_time(end + timedelta(hours=1), lognormal(rng, 3, 0.8))
                world.at(later, write)
                return
        _write_mail(world, rng, arrival, client, answers)

    world.at(world.office_time(arrival.at, lognormal(rng, 4.2, 0.95)), write)


def _write_mail(
    world: World,
    rng: Random,
    arrival: Arrival,
    client: Client,
    answers: list[tuple[Seat, datetime, datetime]],
) -> None:
    seat = answers[-1][0] if answers else None
    closed = answers[-1][2] if answers else None
    agent = seat.agent.display_name if seat else ""
    title, text, answer = talk.mail(rng, client, agent, arrival.subject)
    outcome = pick(rng, {**OUTCOMES, "promised": 16}) if answers else ""
    key = _interaction(
        world,
        rng,
        arrival,
        client,
        seat,
        outcome=outcome,
        title=title,
        origin="mail",
        assigned_at=answers[0][1] if answers else None,
        first_customer_at=arrival.at,
        first_answer_at=answers[0][2] if answers else None,
        closed_at=closed,
        handled_at=closed,
        status="closed" if answers else "waiting",
        waiting_since=None if answers else arrival.at,
    )
    rows = Rows(world, key)
    world.mail(key, rows.say(arrival.at, "c", text, None), client, title, text, arrival)
    for number, (writer, start, end) in enumerate(answers):
        if number:
            more = talk.opening(rng, client, arrival.subject)
            rows.say(start - (start - answers[number - 1][2]) * 0.6, "c", more, None)
        rows.say(end, "a", answer, writer.agent.pk)
        world.segment(writer.agent.pk, key, "write", start, end)
    world.tickets.add(interaction_id=key, mailbox_id=world.mailboxes[world.queue_of(arrival)])
    if seat and closed:
        rows.event(closed, "closed", outcome=outcome)
        wait = answers[0][2] - arrival.at
        _finish(world, rng, rows, arrival, client, seat, closed, wait / 300, 1, outcome == "solved")
    else:
        world.numbers(key, rows.staff, rows.customer, arrival.at, None)


def _interaction(
    world: World, rng: Random, arrival: Arrival, client: Client, seat: Seat | None, **fields: Any
) -> int:
    subject = world.subjects[arrival.subject]
    # one in eight customers names another subject than the agent finds
    asked = subject if rng.random() < 0.88 else world.subjects[rng.choice(list(subjects()))]
    agent = seat.agent.pk if seat else None
    row: dict[str, Any] = {
        "status": "closed",
        "channel": arrival.channel,
        "customer_id": client.pk,
        "language": client.language,
        "subject_id": asked,
        "real_subject_id": subject,
        "queue_id": world.queues[world.queue_of(arrival)],
        "nature": pick(rng, NATURES),
        "agent_id": agent,
        "closed_by_id": agent,
        "opened_at": arrival.at,
        "offered_at": arrival.at,
        **fields,
    }
    if row["status"] != "closed":
        row["real_subject_id"] = row["closed_by_id"] = row["agent_id"] = None
    return world.keep(row)


def _finish(
    world: World,
    rng: Random,
    rows: Rows,
    arrival: Arrival,
    client: Client,
    seat: Seat | None,
    closed: datetime,
    wait: timedelta,
    parallel: int,
    solved: bool,
    *,
    answered: bool = True,
    last_lines: list[talk.Line] | None = None,
) -> None:
    """The survey's verdict and score, and the numbers and times on the interaction."""
    agent = seat.agent.pk if seat else None
    exchange = Exchange(
        rows.key,
        arrival.channel,
        arrival.subject,
        closed,
        agent,
        wait.total_seconds() / 60,
        parallel,
        solved,
        arrival.outage,
        answered and seat is not None,
    )
    rated = world.surveys.decide(rng, client, exchange)
    if rated and rated[1] < world.now:
        rows.event(rated[1], "rated", shown=False, score=rated[0])
    customer = [line.at for line in last_lines or [] if line.who == "c"]
    staff = [line.at for line in last_lines or [] if line.who == "a"]
    world.numbers(
        rows.key,
        rows.staff,
        rows.customer,
        max(customer, default=arrival.at),
        max(staff, default=closed if seat and answered else None),
        rated,
    )
    world.taken(rows.key, agent, arrival.at, closed)
