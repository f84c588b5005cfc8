"""What the database knows of a batch of mails: asked once for all of them, a dozen queries."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Prefetch, Q

from crm import clock
from crm.models import Agent, Identity, Interaction, Participant
from crm.services import blocks, identifying, regrouping
from tickets.mail import filters, tokens
from tickets.mail.parse import ParsedMail
from tickets.models import Mail, Mailbox, MailRule, SenderRule

REFERENCES_LIMIT = 50
ACKNOWLEDGEMENT = "tickets/mail/acknowledgement"


@dataclass(eq=False, slots=True)
class Place:
    """Where a mail belongs: an interaction, or one that is opened when the batch is written."""

    interaction: Interaction | None = None
    opener: str = ""  # the address of the mail that opens it

    @property
    def key(self) -> int:
        return self.interaction.pk if self.interaction else 0


@dataclass(eq=False, slots=True)
class Letter:
    """One inbound mail on its way to its place."""

    mail: Mail
    parsed: ParsedMail
    key: str  # what makes a second copy a copy
    place: Place | None = None
    opens: bool = False  # its place is new
    owner: identifying.Sender | None = None  # then: whose request it is
    rule: MailRule | None = None  # then: the mailbox's rule that fits
    stranger: bool = False
    colleague: Agent | None = None
    trusted: bool = False  # our receiving server vouches for the sender's address
    sent: Mail | None = None  # of a bounce: the mail of ours that it is about

    @property
    def interaction(self) -> Interaction:
        """Once its place is opened."""
        if self.place is None or self.place.interaction is None:
            raise LookupError("it has no place yet")
        return self.place.interaction

    @property
    def recipients(self) -> list[str]:
        return [*self.mail.envelope_to, *self.parsed.to, *self.parsed.cc]

    @property
    def awaits(self) -> str:
        """The mail it answers, by its own head."""
        return self.parsed.in_reply_to or next(iter(self.parsed.references[-1:]), "")

    @property
    def parents(self) -> list[str]:
        """Direct parent first, then from the last reference to the first; a delivery report
        names the mail it is about before its own parents."""
        newest_first = self.parsed.references[::-1][:REFERENCES_LIMIT]
        own = [self.parsed.in_reply_to, *newest_first]
        about = self.parsed.original_ids if self.parsed.verdict == filters.BOUNCE else []
        return list(dict.fromkeys(filter(None, [*about, *own])))


@dataclass(slots=True)
class Knowledge:
    """Threads are looked up here while the batch is placed, and each placed mail is added."""

    boxes: dict[str, Mailbox]
    copies: set[str]
    interactions: dict[int, Interaction]
    elsewhere: dict[int, int] = field(default_factory=dict)  # merged: where it is today
    by_id: dict[str, Place] = field(default_factory=dict)
    orphans: dict[tuple[str, str], Place] = field(default_factory=dict)
    insiders: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    agents: dict[str, Agent] = field(default_factory=dict)
    rules: list[SenderRule] = field(default_factory=list)
    sent: dict[str, Mail] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)  # addresses of blocked customers
    acknowledged: Counter[str] = field(default_factory=Counter)

    def box(self, address: str) -> Mailbox | None:
        token = tokens.read_address(address.lower())
        return self.boxes.get(token[0] if token else address.lower())

    @property
    def first_box(self) -> Mailbox | None:
        """Answers what came to no mailbox of ours by name."""
        active = (box for box in self.boxes.values() if box.is_active)
        return min(active, key=lambda box: box.pk, default=None)

    def place(self, interaction_id: int | None) -> Place | None:
        number = interaction_id or 0
        found = self.interactions.get(self.elsewhere.get(number, number))
        return Place(found) if found else None

    def rule(self, address: str) -> SenderRule | None:
        """The strictest match: a whole address before a domain."""
        matching = [rule for rule in self.rules if rule.matches(address)]
        return max(matching, key=lambda rule: len(rule.pattern), default=None)

    def remember(self, letter: Letter) -> None:
        """What follows in this batch may answer it, or be the parent it waits for."""
        if letter.place is None:
            return
        parsed = letter.parsed
        if parsed.message_id:
            self.by_id.setdefault(parsed.message_id, letter.place)
        if letter.awaits:
            self.orphans.setdefault((letter.awaits, parsed.from_email), letter.place)


def gather(letters: Sequence[Letter]) -> Knowledge:
    stored = _stored(letters)
    orphans = _orphans(letters)
    sent = _sent(letters)
    wanted = {*_named(letters), *stored.values(), *orphans.values()}
    wanted |= {mail.interaction_id for mail in sent.values() if mail.interaction_id}
    elsewhere = regrouping.present_of(wanted) if wanted else {}
    known = Knowledge(
        boxes=_boxes(),
        copies=_copies(letters),
        interactions=_interactions({*wanted, *elsewhere.values()}),
        elsewhere=elsewhere,
        agents=_agents(letters),
        rules=list(SenderRule.objects.all()),
        sent=sent,
        acknowledged=_acknowledged(letters),
        blocked=blocks.addresses(letter.parsed.from_email for letter in letters),
    )
    known.by_id = _placed(known, stored)
    known.orphans = _placed(known, orphans)
    _insiders(known)
    return known


def _boxes() -> dict[str, Mailbox]:
    """By every address of ours; what two of them send under is the one's that takes mail there."""
    rules = MailRule.objects.select_related(
        "queue", "subject__queue__schedule", "subject__off_hours_queue"
    )
    boxes = Mailbox.objects.select_related("queue").prefetch_related(Prefetch("rules", rules))
    senders = {box.from_address: box for box in boxes if box.from_address}
    return senders | {box.address: box for box in boxes}


def _placed(known: Knowledge, found: dict[Any, int]) -> dict[Any, Place]:
    return {key: place for key, number in found.items() if (place := known.place(number))}


def _copies(letters: Sequence[Letter]) -> set[str]:
    keys = [letter.key for letter in letters]
    stored = Mail.objects.filter(content_key__in=keys)
    return {str(key) for key in stored.values_list("content_key", flat=True)}


def _stored(letters: Sequence[Letter]) -> dict[str, int]:
    """Message-ID → interaction; of several holders the first stays the parent."""
    parents = {identifier for letter in letters for identifier in letter.parents}
    if not parents:
        return {}
    rows = (
        Mail.objects.filter(header_id__in=parents, interaction__isnull=False)
        .order_by("-pk")
        .values_list("header_id", "interaction_id")
    )
    return {identifier: number for identifier, number in rows if number}


def _orphans(letters: Sequence[Letter]) -> dict[tuple[str, str], int]:
    """(awaited parent, sender) → interaction of an answer that was delivered before its parent."""
    own = {letter.parsed.message_id for letter in letters} - {""}
    if not own:
        return {}
    rows = (
        Mail.objects.inbound()
        .filter(in_reply_to__in=own, interaction__isnull=False)
        .order_by("-pk")
        .values_list("in_reply_to", "from_email", "interaction_id")
    )
    return {(parent, sender): number for parent, sender, number in rows if number}


def _sent(letters: Sequence[Letter]) -> dict[str, Mail]:
    """The mails of ours that delivery reports are about."""
    bounces = [letter for letter in letters if letter.parsed.verdict == filters.BOUNCE]
    about = {identifier for letter in bounces for identifier in letter.parents}
    if not about:
        return {}
    rows = Mail.objects.outbound().filter(header_id__in=about).order_by("pk")
    return {mail.header_id: mail for mail in rows}


def _named(letters: Sequence[Letter]) -> set[int]:
    """Interactions that signed names or subject tags speak of."""
    found: set[int] = set()
    for letter in letters:
        for address in letter.recipients:
            if token := tokens.read_address(address.lower()):
                found.add(token[1])
        found |= {tokens.interaction_of(identifier) or 0 for identifier in letter.parents}
        found |= set(tokens.references_in(letter.parsed.subject))
    return {number for number in found if 0 < number < 2**63}


def _interactions(keys: set[int]) -> dict[int, Interaction]:
    return Interaction.objects.select_related("customer").in_bulk(keys) if keys else {}


def _insiders(known: Knowledge) -> None:
    """Per interaction the addresses of its customer and of who takes part."""
    if not known.interactions:
        return
    owners = defaultdict(list)
    for interaction in known.interactions.values():
        owners[interaction.customer_id].append(interaction.pk)
    owned = Identity.objects.filter(kind=Identity.Kind.MAIL, customer__in=owners)
    for customer_id, value in owned.values_list("customer_id", "value"):
        for number in owners[customer_id]:
            known.insiders[number].add(value)
    taking_part = Participant.objects.filter(interaction__in=known.interactions).exclude(
        Q(address="") | Q(role=Participant.Role.STRANGER)
    )
    for number, address in taking_part.values_list("interaction_id", "address"):
        known.insiders[number].add(address)


def _agents(letters: Sequence[Letter]) -> dict[str, Agent]:
    senders = {letter.parsed.from_email for letter in letters} - {""}
    found = Agent.objects.filter(user__email__in=senders, user__is_active=True, user__is_staff=True)
    return {agent.user.email: agent for agent in found.select_related("user")}


def _acknowledged(letters: Sequence[Letter]) -> Counter[str]:
    """How many acknowledgements each address got since yesterday: the fuse's count."""
    addresses = {letter.parsed.from_email for letter in letters}
    addresses |= {letter.parsed.reply_to for letter in letters}
    since = clock.wall() - timedelta(days=1)
    rows = Mail.objects.outbound().filter(
        template=ACKNOWLEDGEMENT,
        stored_at__gte=since,
        to__in=[[each] for each in addresses if each],
    )
    return Counter(to[0] for to in rows.values_list("to", flat=True))
