"""What a rule may ask about a visitor, alone and combined; and what only consent would tell."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from chat import invitations
from chat.invitations import Page
from chat.models import Invitation
from chat.models.conditions import FACTS, Known, check, judge, words
from crm.services import journeys

from .conftest import REMOTE_PAGE

Reason = Invitation.Reason
FRIDAY_9 = datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))


def leaf(fact, op, value=None, **more):
    return {"fact": fact, "op": op, "value": value, **more}


def every(*parts):
    return {"match": "all", "of": list(parts)}


def either(*parts):
    return {"match": "any", "of": list(parts)}


TRUE = [
    (leaf("seconds", "at_least", 60), {"seconds": 60}),
    (leaf("seconds", "at_most", 60), {"seconds": 60}),
    (leaf("site_seconds", "at_least", 180), {"site_seconds": 200}),
    (leaf("pages", "at_least", 3), {"pages": 3}),
    (leaf("scroll", "at_least", 50), {"scroll": 70}),
    (leaf("leaving", "is"), {"leaving": True}),
    (leaf("search_failed", "is"), {"search_failed": True}),
    (leaf("voted_down", "is"), {"voted_down": True}),
    (leaf("returning", "is_not"), {"memory": True}),
    (leaf("url", "like", "*/lumibox/*"), {"url": "https://b.example/lumibox/x?q=1"}),
    (leaf("referrer", "like", "*google*"), {"referrer": "https://www.google.com/"}),
    (leaf("device", "is", "mobile"), {"device": "mobile"}),
    (leaf("language", "is_not", "en"), {}),
    (leaf("hours", "within", ["08:00", "12:00"]), {}),
    (leaf("hours", "outside", ["20:00", "08:00"]), {}),
    (leaf("days", "in", [4]), {}),
    (leaf("data", "more", 100, key="basket"), {"data": {"basket": 120.5}}),
    (leaf("data", "is", "gold", key="level"), {"data": {"level": "Gold"}}),
    (leaf("event", "is", "payment-refused"), {"events": frozenset({"payment-refused"})}),
]
OPPOSITE = {
    "at_least": "at_most", "is": "is_not", "is_not": "is", "like": "unlike", "within": "outside",
    "outside": "within", "in": "not_in", "more": "less",
}  # fmt: skip


@pytest.mark.parametrize(("condition", "facts"), TRUE)
def test_each_fact_can_be_asked(condition, facts):
    check(every(condition))
    assert judge(condition, Known(at=FRIDAY_9, **facts)) is True
    if condition["op"] in OPPOSITE and condition["value"] != 60:
        other = {**condition, "op": OPPOSITE[condition["op"]]}
        if facts.keys() & {"seconds", "pages", "scroll", "site_seconds"}:
            facts = {**facts, "memory": True}
        expected = condition["value"] == 3 and condition["fact"] == "pages"  # 3 is also at most 3
        assert judge(other, Known(at=FRIDAY_9, **facts)) is expected


def test_every_fact_is_tried_above():
    assert {condition["fact"] for condition, _facts in TRUE} == set(FACTS)


def test_a_basket_that_nobody_told_us_of_is_not_more_than_anything():
    assert judge(leaf("data", "more", 0, key="basket"), Known(at=FRIDAY_9)) is False


def test_and_and_or_combine():
    known = Known(at=FRIDAY_9, seconds=60, device="mobile", memory=True)
    long_enough, phone, tablet = (
        leaf("seconds", "at_least", 30),
        leaf("device", "is", "mobile"),
        leaf("device", "is", "tablet"),
    )  # fmt: skip
    assert judge(every(long_enough, either(phone, tablet)), known) is True
    assert judge(every(long_enough, every(phone, tablet)), known) is False
    assert judge(either(tablet, leaf("seconds", "at_least", 90)), known) is False
    assert judge({}, known) is True


def test_without_consent_what_needs_memory_is_neither_true_nor_false():
    known = Known(at=FRIDAY_9, pages=1, seconds=60)
    third_page, long_enough = leaf("pages", "at_least", 3), leaf("seconds", "at_least", 30)
    assert judge(third_page, known) is None
    assert judge(leaf("returning", "is"), known) is None
    assert judge(every(long_enough, third_page), known) is None
    assert judge(either(long_enough, third_page), known) is True
    assert judge(every(leaf("seconds", "at_least", 90), third_page), known) is False
    # three pages within one load of the page are known for sure
    assert judge(third_page, Known(at=FRIDAY_9, pages=3)) is True


@pytest.mark.parametrize(
    "wrong",
    [
        [], "x", {"match": "all"}, {"match": "none", "of": []}, every("x"),
        every(leaf("moon", "is")),
        every(leaf("seconds", "is", 3)), every(leaf("seconds", "at_least", "3")),
        every(leaf("hours", "within", ["8", "x"])), every(leaf("days", "in", [])),
        every(leaf("device", "is", "fridge")), every(leaf("data", "more", "a lot", key="basket")),
        every(leaf("data", "is", 1)), every(leaf("url", "like", "")),
        every(either(every(leaf("leaving", "is")))), every(*[leaf("leaving", "is")] * 21),
    ],
)  # fmt: skip
def test_what_could_not_be_judged_is_refused(wrong):
    with pytest.raises(ValidationError):
        check(wrong)


_LEAVES = st.sampled_from([condition for condition, _facts in TRUE])
_GROUPS = st.builds(
    lambda match, of: {"match": match, "of": of},
    st.sampled_from(["all", "any"]),
    st.lists(_LEAVES | st.builds(either, _LEAVES, _LEAVES), min_size=1, max_size=4),
)


@given(_GROUPS, st.integers(0, 100), st.booleans())
def test_whatever_passes_the_check_can_be_judged_and_said(group, seconds, memory):
    check(group)
    known = Known(at=FRIDAY_9, seconds=seconds, memory=memory)
    assert judge(group, known) in (True, False, None)
    assert words(group)
    if memory:  # with everything known nothing is undecided
        assert judge(group, known) is not None


# -- deciding


@pytest.fixture
def decide(shop, rule, visit, bea, at_work):
    at_work(bea)

    def at(*conditions, match="all", cooldown=0, **page):
        rule.conditions = {"match": match, "of": list(conditions)} if conditions else {}
        rule.cooldown_days = cooldown
        rule.save()
        facts = {"seconds": 31, **page}
        return invitations.decide(shop, visit, Page(REMOTE_PAGE, **facts), language="fr")

    return at


def test_a_full_basket_is_invited_and_an_empty_one_is_not(decide):
    rich = leaf("data", "more", 100, key="basket")
    assert decide(rich, data={"basket": 99}).shown is None
    assert not Invitation.objects.exists()  # no rule was for them: nothing to decide
    assert decide(rich, data={"basket": 101}).shown


def test_a_rule_that_needs_memory_is_withheld_with_that_reason(decide):
    decision = decide(leaf("pages", "at_least", 3))
    assert decision.withheld.reason == Reason.CONSENT
    assert decide(leaf("pages", "at_least", 3), consent=True, pages=3).shown


def test_the_cool_down_needs_consent_too(decide):
    assert decide(cooldown=7).withheld.reason == Reason.CONSENT
    assert decide(cooldown=7, consent=True, invited_days=2).withheld.reason == Reason.COOLDOWN
    assert decide(cooldown=7, consent=True, invited_days=8).shown


def test_after_a_search_in_vain_on_our_portal(decide, shop, visit):
    shop.is_portal = True
    shop.save()
    failed = leaf("search_failed", "is")
    journeys.step(visit, "search", "esim montre", value=0)
    journeys.step(visit, "search", "esim", value=4)
    assert decide(failed).shown is None
    journeys.step(visit, "search", "esim montre", value=0)
    assert decide(failed).shown


def test_an_article_voted_down(decide, visit):
    down = leaf("voted_down", "is")
    journeys.step(visit, "vote", "Télécommande", value=1)
    assert decide(down).shown is None
    journeys.step(visit, "vote", "Télécommande", value=0)
    assert decide(down).shown


@pytest.mark.parametrize("fact", ["search_failed", "voted_down"])
def test_another_site_tells_of_a_search_or_a_vote_by_an_event(decide, ask, fact):
    assert decide(leaf(fact, "is")).shown is None
    assert ask("visit")[1]["watch"] == {"event": True}
    assert decide(leaf(fact, "is"), events=(fact,)).shown


def test_a_later_rule_is_still_asked_for(decide, rule, shop, bea):
    from chat.models import InvitationRule

    InvitationRule.objects.create(
        site=shop, name="60 s", pages=["*"], seconds=60, subject=rule.subject, question_fr="?"
    )
    decision = decide(leaf("device", "is", "tablet"))
    assert (decision.shown, decision.again_after) == (None, 29)


def test_the_page_is_told_what_to_watch_for(ask, rule):
    rule.conditions = either(
        leaf("scroll", "at_least", 60), leaf("leaving", "is"), leaf("event", "is", "stuck")
    )
    rule.save()
    assert ask("visit")[1]["watch"] == {"leaving": True, "event": True, "scroll": [60]}


def test_host_data_that_is_no_plain_value_is_left_out(ask, visit, rule, bea, at_work):
    at_work(bea)
    rule.conditions = every(leaf("data", "more", 100, key="basket"))
    rule.save()
    wild = {"basket": {"total": 500}, "x": None, "y": [1], "z": "a" * 5000}
    assert ask("invite", visit=visit, seconds=31, data=wild)[1]["invitation"] is None
    told = ask("invite", visit=visit, seconds=31, data={"basket": 500}, events="?", scroll=40)
    assert told[1]["invitation"]["name"] == "Bea"


def test_the_fixed_button_stays_away_from_pages_without_it(ask, shop, rule, bea, at_work):
    at_work(bea)
    assert ask("visit")[1]["button"]["fixed"] is True
    shop.button_pages = ["/panier*"]
    shop.save()
    assert ask("visit")[1]["button"]["fixed"] is False
