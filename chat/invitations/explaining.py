"""Why, and why not: what the rules would do for one visitor, and what they did at a moment.

Nothing is stored and nobody's place is held by asking."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.models import Invitation, InvitationRule, Site
from chat.models.conditions import Known, false_ones, judge
from chat.services import sites
from crm import clock
from crm.models import Agent, AgentState, Queue, Visit, WorkSegment
from crm.services import routing

from . import knowing, manners, places
from .page import Page

Reason = Invitation.Reason

_NOW = timedelta(minutes=2)  # near enough to now to ask who is free
AROUND = timedelta(minutes=10)


@dataclass(frozen=True)
class Verdict:
    """One rule's word on this visitor."""

    rule: InvitationRule
    invites: bool
    why: list[str]  # what forbids it, in words; for the one that invites, whom it names
    agent: Agent | None = None


@dataclass(frozen=True)
class There:
    """One agent behind a queue at a moment."""

    agent: Agent
    state: str
    chats: int
    places: int
    free: bool


class Behind(NamedTuple):
    """A queue, and who stood behind it."""

    queue: Queue
    agents: list[There]


@dataclass
class Moment:
    """What was decided around a moment, and who was there."""

    at: datetime
    decisions: list[dict[str, Any]] = field(default_factory=list)
    there: list[Behind] = field(default_factory=list)


def simulate(site: Site, page: Page, known: Known) -> list[Verdict]:
    """Each rule of the site in its order: the first that may speak invites, the others say why
    they do not."""
    verdicts: list[Verdict] = []
    done = False
    rules = site.rules.filter(is_active=True).select_related(
        "subject__queue__schedule", "subject__schedule", "subject__off_hours_queue__schedule"
    )
    for rule in rules:
        why = _against(site, rule, page, known)
        agent, nobody = (None, "") if why else _somebody(rule, known)
        why += [nobody] if nobody else []
        if why:
            verdicts.append(Verdict(rule, False, why))
        elif done:
            verdicts.append(Verdict(rule, False, [_("an earlier rule invites already")]))
        else:
            done = True
            verdicts.append(Verdict(rule, True, [], agent))
    return verdicts


def _against(site: Site, rule: InvitationRule, page: Page, known: Known) -> list[str]:
    """Everything that speaks against it, not only the first."""
    why = []
    if not sites.on_page(rule.pages, page.url):
        return [_("not a page of this rule")]
    if page.seconds < rule.seconds:
        why.append(
            ngettext(
                "%(n)s second too early", "%(n)s seconds too early", rule.seconds - page.seconds
            )
            % {"n": rule.seconds - page.seconds}
        )
    fits = judge(rule.conditions, known)
    if fits is None:
        why.append(str(Reason.CONSENT.label))
    elif fits is False:
        why += [
            _("not fulfilled: %(condition)s") % {"condition": c}
            for c in false_ones(rule.conditions, known)
        ]
    for code in (
        manners.of_the_page(site, page),
        Reason.REFUSED if page.refused_before else "",
        manners.cooled_down(rule, page, memory=known.memory) if fits is not None else "",
        manners.hours(rule, known.at),
    ):
        if code:
            why.append(str(Reason(code).label))
    return list(dict.fromkeys(why))


def _somebody(rule: InvitationRule, known: Known) -> tuple[Agent | None, str]:
    """Who would be named: now as routing says, in the past as the ledger says."""
    queue = rule.subject.queue_at(known.at)
    if abs(known.at - clock.now()) <= _NOW:
        agent = routing.free_agent(queue, language=known.language, held=places.held(clock.now()))
        return agent, "" if agent else str(Reason.NOBODY.label)
    if known.at > clock.now() or queue is None:
        return None, ""  # who will be there nobody knows
    there = [one for one in who_was_there(queue, known.at) if one.free]
    speaking = [one for one in there if known.language in one.agent.languages]
    return (speaking[0].agent, "") if speaking else (None, str(Reason.NOBODY.label))


def at_moment(site: Site, at: datetime) -> Moment:
    """The decisions stored around that time by rule and reason, and who stood behind the queues.

    What was withheld again and again is one row: it counts from its first to its last time."""
    near = Invitation.objects.filter(
        site=site, created_at__lte=at + AROUND, last_at__gte=at - AROUND
    )
    counted: Counter[tuple[str, str]] = Counter()
    for row in near.select_related("rule")[:2000]:
        word = row.get_reason_display() if row.reason else row.get_state_display()
        counted[(str(row.rule or "–"), word)] += 1
    moment = Moment(at, [{"rule": r, "word": w, "count": n} for (r, w), n in counted.most_common()])
    subjects = {
        rule.subject for rule in site.rules.filter(is_active=True).select_related("subject__queue")
    }
    queues = {queue for subject in subjects if (queue := subject.queue_at(at))}
    moment.there = [
        Behind(q, who_was_there(q, at)) for q in sorted(queues, key=lambda q: q.position)
    ]
    return moment


def who_was_there(queue: Queue, at: datetime) -> list[There]:
    """Each agent behind a queue at that moment, from the two ledgers; the free ones first."""
    agents = list(Agent.objects.filter(skills__queue=queue).select_related("user"))
    running = Q(since__lte=at) & (Q(until=None) | Q(until__gt=at))
    states = {
        row.agent_id: row
        for row in AgentState.objects.filter(running, agent__in=agents).order_by("since")
    }
    busy = Counter(
        WorkSegment.objects.filter(running, agent__in=agents).values_list("agent_id", flat=True)
    )
    found = []
    for agent in agents:
        state = states.get(agent.pk)
        ready = state is not None and state.state in AgentState.READY
        found.append(
            There(
                agent,
                state.get_state_display() if state else _("not signed in"),
                busy[agent.pk],
                agent.chat_places,
                ready and busy[agent.pk] < agent.chat_places,
            )
        )
    return sorted(found, key=lambda one: (not one.free, one.agent.display_name))


def pretend(
    site: Site, page: Page, *, at: datetime, language: str, device: str, memory: bool
) -> Known:
    """The facts of a visitor who is only imagined."""
    return replace(
        knowing.known(site, None, page, at, language=language),
        site_seconds=max(page.site_seconds, page.seconds),
        device=device or Visit.Device.DESKTOP,
        memory=memory,
    )
