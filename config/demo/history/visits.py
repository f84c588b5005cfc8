"""Visits to the help pages: most end there, some lead to us; and whom the window invited."""

import json
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from chat.models import Invitation, InvitationRule, Site
from config.demo import data
from crm.models import Visit, VisitStep
from crm.text import plain
from selfcare.search import usual
from selfcare.search.engine import Entry, Index

from .clients import Client
from .draws import pick, pick_index
from .tables import Table
from .volumes import PARIS, within

SELF_SERVED = 4.0  # visits without a contact for each contact: 80 % end alone
SEARCH, FAILED = 0.46, 0.11
MATCHED = 0.55
DEVICES = {"mobile": 0.61, "desktop": 0.33, "tablet": 0.06}
HOURS = [1, 0.5, 0.3, 0.3, 0.3, 0.5, 1, 2, 3.5, 4.5, 4.8, 4.6, 4.6, 4.4, 4.4, 4.6, 5, 6.2,
         9, 10, 9.5, 9, 6, 3]  # fmt: skip
# what became of a match: 55 % withheld; of the shown 17 % accepted, and the accepted are chats
WITHHELD = {"nobody": 46, "closed": 33, "once": 9, "refused": 5, "excluded": 7}
ENDED = {"refused": 31, "expired": 50, "withdrawn": 2}


class Visits:
    """Writes visits, their steps, and what the invitation rules decided."""

    def __init__(self, visits: Table, steps: Table, invitations: Table, today: date) -> None:
        self.visits, self.steps, self.invitations, self.today = visits, steps, invitations, today
        self.articles = {language: _articles(language) for language in ("fr", "en")}
        self.found = {
            language: _found(language, self.articles[language]) for language in ("fr", "en")
        }
        self.site = Site.objects.get(key="portal")
        self.rule = InvitationRule.objects.select_related("subject__queue").get(
            site=self.site, name="Aide télécommande"
        )

    def before(
        self, rng: Random, at: datetime, subject: str, language: str, device: str, customer: int
    ) -> int:
        """The visit that led to a contact: a search or two, an article about it, then us."""
        start = at - timedelta(seconds=60 + rng.random() * 400)
        key = self._visit(rng, start, at, language, device, customer)
        article = self._article(rng, language, subject)
        if rng.random() < SEARCH:
            typed, article = self._search(rng, language, subject)
            self._step(key, "search", typed, start, rng.randrange(1, 9))
        self._read(key, start + (at - start) * 0.3, article)
        self._step(key, "ask", article["title"], at, None)
        return key

    def read(self, rng: Random, at: datetime, typed: str, subject: str, client: Client) -> None:
        """Somebody known searches and reads, and needs nobody."""
        key = self._visit(rng, at, at + timedelta(minutes=3), client.language, "mobile", client.pk)
        self._step(key, "search", typed, at, rng.randrange(1, 9))
        self._read(key, at + timedelta(seconds=25), self._article(rng, client.language, subject))

    def _read(self, visit: int, at: datetime, article: dict[str, str]) -> None:
        self._step(visit, "article", article["title"], at, None, article["external_id"])

    def day(self, day: date, contacts: int, until: datetime) -> None:
        """The visits of a day that ended without us. At least one, so that the day is known to be
        made: also minutes after midnight, also at the smallest scale."""
        rng = Random(f"visits {day}")  # noqa: S311
        moments = [
            within(rng, day, pick_index(rng, HOURS) * 60, 60)
            for _visit in range(round(contacts * SELF_SERVED))
        ]
        past = [at for at in moments if at < until]
        for at in past or [within(rng, day, 0, 0)]:
            self._alone(rng, at)

    def invited(
        self, rng: Random, visit: int, at: datetime, agent_id: int, interaction: int
    ) -> None:
        """The invitation that this chat accepted."""
        self._decision(
            visit,
            at - timedelta(seconds=12),
            "accepted",
            agent_id=agent_id,
            decided_at=at - timedelta(seconds=4),
            interaction_id=interaction,
        )

    def _alone(self, rng: Random, at: datetime) -> None:
        language = "en" if rng.random() < 0.04 else "fr"
        key = self._visit(rng, at, at + timedelta(minutes=3), language, pick(rng, DEVICES), None)
        if rng.random() < SEARCH:
            if rng.random() < FAILED:
                self._step(key, "search", self._failed(rng, at, language), at, 0)
                return
            typed, first = self._search(rng, language)
            self._step(key, "search", typed, at, rng.randrange(1, 9))
        else:
            first = rng.choice(self.articles[language])
        second = [rng.choice(self.articles[language])] if rng.random() < 0.35 else []
        for number, article in enumerate([first, *second]):
            read = at + timedelta(seconds=20 + 70 * number)
            self._read(key, read, article)
            if rng.random() < 0.028:
                helped = 1 if rng.random() < 0.74 else 0
                self._step(
                    key,
                    "vote",
                    article["title"],
                    read + timedelta(seconds=40),
                    helped,
                    article["external_id"],
                )
        if rng.random() < MATCHED:
            self._not_accepted(rng, key, at + timedelta(seconds=30))

    def _not_accepted(self, rng: Random, visit: int, at: datetime) -> None:
        if rng.random() < 0.55 / 0.923:  # the accepted are written with their chats
            self._decision(visit, at, "withheld", reason=pick(rng, WITHHELD))
            return
        agent = rng.choice(self._agents())
        self._decision(
            visit, at, pick(rng, ENDED), agent_id=agent, decided_at=at + timedelta(seconds=30)
        )

    def _agents(self) -> list[int]:
        if not hasattr(self, "_agent_ids"):
            skills = self.rule.subject.queue.skills.all()  # type: ignore[union-attr]
            self._agent_ids = [skill.agent_id for skill in skills]
        return self._agent_ids

    def _decision(self, visit: int, at: datetime, state: str, **more: object) -> None:
        shown = state != "withheld"
        self.invitations.add(
            site_id=self.site.pk,
            rule_id=self.rule.pk,
            visit_id=visit,
            subject_id=self.rule.subject_id,
            queue_id=self.rule.subject.queue_id,
            page_url="/fr/aide/telecommande/",
            seconds=30,
            state=state,
            created_at=at,
            last_at=at,
            shown_at=at if shown else None,
            expires_at=at + timedelta(seconds=30) if shown else None,
            **more,
        )

    def _visit(
        self,
        rng: Random,
        start: datetime,
        end: datetime,
        language: str,
        device: str,
        customer: int | None,
    ) -> int:
        return self.visits.add(
            key=f"demo-{rng.getrandbits(128):032x}",
            customer_id=customer,
            site_key="portal",
            language=language,
            device=device,
            started_at=start,
            last_at=end,
            referrer="https://moteur.example/" if rng.random() < 0.6 else "",
        )

    def _step(
        self, visit: int, kind: str, label: str, at: datetime, value: int | None, target: str = ""
    ) -> None:
        self.steps.add(visit_id=visit, kind=kind, label=label, target=target, value=value, at=at)

    def _search(self, rng: Random, language: str, subject: str = "") -> tuple[str, dict[str, str]]:
        """What was typed, and what it leads to: of that subject, if anybody asks about it."""
        found = self.found[language]
        return rng.choice([one for one in found if one[1]["subject"] == subject] or found)

    def _failed(self, rng: Random, at: datetime, language: str) -> str:
        """Story 5: the search for watches rises week after week."""
        if language == "en":
            return str(rng.choice(data.load("searches")["failed_en"]))
        age = (self.today - at.astimezone(PARIS).date()).days
        if rng.random() < 0.45 * (1 - age / 100):
            return "montre connectée"
        return str(rng.choice(data.load("searches")["failed_fr"]))

    def _article(self, rng: Random, language: str, subject: str) -> dict[str, str]:
        about = [row for row in self.articles[language] if row["subject"] == subject]
        found: dict[str, str] = rng.choice(about or self.articles[language])
        return found


def _articles(language: str) -> list[dict[str, str]]:
    path = data.FOLDER / f"articles.{language}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _found(language: str, articles: list[dict[str, Any]]) -> list[tuple[str, dict[str, str]]]:
    """The demo's searches, each with the article that the product finds for it."""
    entries = [
        Entry(at, row["title"], plain(row["body"]), row["keywords"])
        for at, row in enumerate(articles)
    ]
    index = Index(entries, language, usual.groups(language), usual.others())
    answers = ((typed, index.ask(typed, 1)) for typed in data.load("searches")[language])
    return [(typed, articles[found.hits[0][0]]) for typed, found in answers if found.answered]


def tables() -> tuple[Table, Table, Table]:
    return Table(Visit), Table(VisitStep), Table(Invitation)
