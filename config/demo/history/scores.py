"""Who is asked, who answers, and what: satisfaction by channel and by what happened."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from crm.text import sort_key
from selfcare.models import SurveyInvitation, SurveyVersion

from . import talk
from .clients import Client
from .draws import pick_index
from .tables import Table

Verdict = SurveyInvitation.Verdict
SHARES = {
    "chat": [4, 5, 9, 26, 56],
    "callback": [5, 5, 8, 24, 58],
    "mail": [10, 9, 15, 31, 35],
    "outage": [24, 17, 19, 22, 18],
}
RESPONSE = {"chat": 0.31, "callback": 0.14, "mail": 0.11}
REST = timedelta(days=30)
SILENT = 0.09
# what of the penalties below each channel's shares already contain: so that they come out as drawn
_USUAL = {"chat": 0.35, "callback": 0.55, "mail": 0.46}


@dataclass(frozen=True)
class Exchange:
    """What the survey needs to know of a closed exchange."""

    key: int
    channel: str
    subject: str
    closed_at: datetime
    agent_id: int | None
    wait_minutes: float
    parallel: int  # chats at once while it ran
    solved: bool
    outage: bool
    answered: bool


class Surveys:
    """Verdicts for every closed exchange, answers for some."""

    def __init__(self, invitations: Table, answers: Table, version: SurveyVersion, now: datetime):
        self.invitations, self.answers, self.version, self.now = (
            invitations,
            answers,
            version,
            now,
        )

    def decide(
        self, rng: Random, client: Client, exchange: Exchange
    ) -> tuple[int, datetime] | None:
        """Write the verdict; (score, when) if the customer answered."""
        verdict = self._verdict(rng, client, exchange)
        asked = verdict == Verdict.SENT
        sent = exchange.closed_at + timedelta(minutes=0 if exchange.channel == "chat" else 10)
        after = 0.5 + rng.random() * (3 if exchange.channel == "chat" else 900)
        replied = sent + timedelta(minutes=after)
        willing = asked and (client.keen or rng.random() < RESPONSE[exchange.channel])
        answers = willing and replied < self.now
        if asked:
            client.asked_at = exchange.closed_at
        key = self.invitations.add(
            interaction_id=exchange.key,
            customer_id=client.pk,
            version_id=self.version.pk,
            verdict=verdict,
            agent_id=exchange.agent_id,
            closed_at=exchange.closed_at,
            state="answered" if answers else "sent" if asked else "withheld",
            delivery=("card" if exchange.channel == "chat" else "mail") if asked else "",
            due_at=sent if asked else None,
            sent_at=sent if asked else None,
            expires_at=sent + timedelta(days=14) if asked else None,
            answered_at=replied if answers else None,
            created_at=exchange.closed_at,
        )
        if not answers:
            return None
        score = _score(rng, exchange)
        self._answer(rng, client, exchange, key, score, replied)
        return score, replied

    def _verdict(self, rng: Random, client: Client, exchange: Exchange) -> str:
        if not exchange.answered:
            return Verdict.ABANDONED
        if not client.keen and rng.random() < SILENT:
            return Verdict.TRIVIAL
        if client.opted_out:
            return Verdict.OPTED_OUT
        if not client.mail and exchange.channel != "chat":
            return Verdict.NO_ADDRESS
        if client.asked_at and exchange.closed_at - client.asked_at < REST:
            return Verdict.REST_PERIOD
        return Verdict.SENT

    def _answer(
        self, rng: Random, client: Client, exchange: Exchange, key: int, score: int, at: datetime
    ) -> None:
        effort_mean = {"chat": 5.6, "callback": 5.3, "mail": 4.6}[exchange.channel]
        effort = round(rng.gauss(effort_mean + (score - 4) * 0.8, 1.0))
        told = rng.random() < (0.71 if score <= 2 else 0.33)
        comment = talk.comment(rng, client, score) if told else ""
        self.answers.add(
            invitation_id=key,
            score=score,
            effort=min(7, max(1, effort)),
            solved=exchange.solved if rng.random() < 0.8 else None,
            comment=comment,
            folded=sort_key(comment),
            language=client.language,
            via="card" if exchange.channel == "chat" else "mail",
            answered_at=at,
        )


def _score(rng: Random, exchange: Exchange) -> int:
    if exchange.outage:
        return pick_index(rng, SHARES["outage"]) + 1
    shares = list(SHARES[exchange.channel])
    if exchange.channel == "callback" and exchange.subject in ("invoice", "payment"):
        shares[4] += 10  # calls explain invoices better
    score = pick_index(rng, shares) + 1
    penalty = 0 if exchange.solved else 1.0
    penalty += min(1.0, 0.10 * max(0.0, exchange.wait_minutes - 1))
    penalty += 0.12 if exchange.parallel >= 3 else 0
    gap = penalty - _USUAL[exchange.channel]
    # half of the scores are at the top already: upwards it takes twice the chance
    if rng.random() < (gap if gap > 0 else -2 * gap):
        score += -1 if gap > 0 else 1
    return min(5, max(1, score))
