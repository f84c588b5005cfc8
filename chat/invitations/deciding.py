"""Which rule, for whom, and why not. Every decision is a row."""

from dataclasses import dataclass, field
from typing import Any

from chat.models import Invitation, InvitationRule, Site
from chat.models.conditions import facts_of, judge, leaves
from chat.services import sites
from crm import clock
from crm.models import Visit

from . import manners, places
from .knowing import known, remembers
from .page import Page

Reason = Invitation.Reason

# what may be different a moment later: seconds until the page may ask again
_ASK_AGAIN: dict[str, int] = {Reason.NOBODY: 15, Reason.TYPING: 5, Reason.TOO_SOON: 5}
_PASSING = {"site_seconds", "hours"}  # facts that come true by waiting
# facts that the page hears of, by what it watches; a failed search and a vote are events elsewhere
_TOLD = {
    **{"leaving": "leaving", "data": "data", "event": "event"},
    **{"search_failed": "event", "voted_down": "event"},
}
# reasons that hold for every rule of the page
_OF_THE_VISIT = {
    Reason.TYPING,
    Reason.TOO_SOON,
    Reason.EXCLUDED,
    Reason.REFUSED,
    Reason.ONCE,
    Reason.IN_CHAT,
}


@dataclass(frozen=True)
class Decision:
    """What the page does next: show `shown`, or ask again after a while, or be quiet."""

    shown: Invitation | None = None
    withheld: Invitation | None = None
    again_after: int | None = None


@dataclass(frozen=True)
class Plan:
    """When the page should ask: after so many seconds, and when something of `watch` happens."""

    ask_at: int | None = None
    watch: dict[str, Any] = field(default_factory=dict)


def plan(site: Site, page: Page) -> Plan:
    """What the rules of this page wait for; nothing when no rule is for this page."""
    rules = sites.rules_of(site, page.url)
    later = [max(rule.seconds, manners.ARRIVAL_SECONDS) for rule in rules]
    asked = [leaf for rule in rules for leaf in leaves(rule.conditions)]
    watch: dict[str, Any] = {_TOLD[leaf["fact"]]: True for leaf in asked if leaf["fact"] in _TOLD}
    if marks := sorted({leaf["value"] for leaf in asked if leaf["fact"] == "scroll"}):
        watch["scroll"] = marks
    return Plan(min(later, default=None), watch)


def decide(site: Site, visit: Visit, page: Page, *, language: str) -> Decision:
    """Invite this visitor now, or say why not. Asking twice never shows a second one."""
    at = clock.now()
    facts = known(site, visit, page, at, language=language)
    forbidden: str | None = None  # asked of the database once, and only if a rule fits
    again: list[int] = []
    withheld = None
    for rule in sites.rules_of(site, page.url):
        if rule.seconds > page.seconds:
            again.append(rule.seconds - page.seconds)
            continue
        fits = judge(rule.conditions, facts)
        if fits is False:
            again += [10] if facts_of(rule.conditions) & _PASSING else []
            continue
        if forbidden is None:
            forbidden = manners.of_the_page(site, page) or manners.of_the_visit(visit, page)
        reason = forbidden or _of_the_rule(rule, fits, page, remembers(site, visit, page))
        if not reason:
            shown, reason = places.promise(rule, visit, page, language, at)
            if shown:
                return Decision(shown=shown)
        withheld = places.withhold(rule, visit, page, reason, at)
        again += [_ASK_AGAIN[reason]] if reason in _ASK_AGAIN else []
        if reason in _OF_THE_VISIT:
            return Decision(withheld=withheld, again_after=_ASK_AGAIN.get(reason))
    return Decision(withheld=withheld, again_after=min(again, default=None))


def _of_the_rule(rule: InvitationRule, fits: bool | None, page: Page, memory: bool) -> str:
    """What this rule waits for in vain although its page, time and conditions are right."""
    if fits is None:
        return Reason.CONSENT
    return manners.cooled_down(rule, page, memory=memory) or manners.hours(rule, clock.now())
