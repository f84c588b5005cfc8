"""Nobody is invited to wait, nobody is pressed, and every decision says why."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chat import invitations
from chat.invitations import Page
from chat.models import Invitation
from chat.services import conversations
from crm import clock
from crm.models import AgentState, Message, Status
from crm.services import interactions, presence, routing
from tests import factories

from .conftest import REMOTE_PAGE, SHOP

State, Reason = Invitation.State, Invitation.Reason
PARIS = ZoneInfo("Europe/Paris")
SUNDAY_17 = datetime(2026, 11, 22, 17, 0, tzinfo=PARIS)


@pytest.fixture
def decide(shop, rule, visit):
    def at(url=REMOTE_PAGE, seconds=31, who=None, **more):
        return invitations.decide(
            shop, who or visit, Page(url, "Télécommande", seconds, **more), language="fr"
        )

    return at


def why(decision):
    assert decision.shown is None
    return decision.withheld.reason


def fill(agent):
    """Three chats at once: no place left."""
    for _chat in range(agent.chat_places):
        interactions.assign(factories.InteractionFactory(), agent)


def test_after_half_a_minute_the_free_agent_is_named(decide, bea, at_work):
    at_work(bea)
    shown = decide().shown
    assert shown.agent == bea
    assert shown.state == State.SHOWN
    assert shown.expires_at - shown.shown_at == timedelta(seconds=30)


def test_too_early_or_on_another_page_nothing_is_decided(decide, bea, at_work):
    at_work(bea)
    assert decide(seconds=20).withheld is None
    assert decide(url=f"{SHOP}/panier").withheld is None
    assert not Invitation.objects.exists()


def test_nobody_is_invited_when_nobody_is_there(decide, bea):
    decision = decide()
    assert why(decision) == Reason.NOBODY
    assert decision.again_after == 15


def test_nobody_is_invited_when_every_place_is_taken(decide, bea, at_work):
    at_work(bea)
    fill(bea)
    assert why(decide()) == Reason.NOBODY


def test_an_agent_on_a_break_invites_nobody(decide, bea, at_work):
    at_work(bea)
    presence.set_state(bea, AgentState.State.BREAK)
    assert why(decide()) == Reason.NOBODY


def test_an_agent_who_does_not_speak_the_language_invites_nobody(shop, rule, visit, bea, at_work):
    bea.languages = ["fr"]
    bea.save()
    at_work(bea)
    decision = invitations.decide(shop, visit, Page(REMOTE_PAGE, seconds=31), language="en")
    assert why(decision) == Reason.NOBODY


def test_two_visitors_are_not_promised_one_place(decide, new_visit, bea, at_work):
    at_work(bea)
    bea.chat_places = 1
    bea.save()
    assert decide().shown
    assert why(decide(who=new_visit())) == Reason.NOBODY


def test_a_promise_that_was_refused_is_free_for_the_next(decide, new_visit, bea, at_work):
    at_work(bea)
    bea.chat_places = 1
    bea.save()
    invitations.refuse(decide().shown)
    assert decide(who=new_visit()).shown


def test_a_closed_subject_invites_nobody(decide, rule, sim, bea, at_work, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: SUNDAY_17)
    rule.subject = sim
    rule.save()
    at_work(bea)
    assert why(decide()) == Reason.CLOSED


def test_on_sunday_the_box_invites_all_the_same(decide, bea, at_work, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: SUNDAY_17)
    at_work(bea)
    assert decide().shown.agent == bea


def test_none_in_the_last_quarter_of_an_hour(decide, rule, sim, carl, at_work, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 20, 19, 46, tzinfo=PARIS))
    rule.subject = sim
    rule.save()
    at_work(carl)
    assert why(decide()) == Reason.CLOSING


def test_none_within_five_seconds_of_arrival(decide, rule, bea, at_work):
    at_work(bea)
    rule.seconds = 0
    rule.save()
    assert why(decide(seconds=4)) == Reason.TOO_SOON


@pytest.mark.parametrize(
    "path",
    ["/paiement/carte", "/Résiliation", "/mentions-legales", "/reclamation", "/accessibilite"],
)
def test_none_on_pages_where_it_would_be_indecent(decide, rule, bea, at_work, path):
    at_work(bea)
    rule.pages = ["*"]
    rule.save()
    assert why(decide(url=SHOP + path)) == Reason.EXCLUDED


def test_none_while_a_form_is_being_filled_in(decide, bea, at_work):
    at_work(bea)
    decision = decide(typing=True)
    assert why(decision) == Reason.TYPING
    assert decision.again_after == 5


def test_none_after_a_refusal_in_this_visit_or_before(decide, new_visit, bea, at_work):
    at_work(bea)
    invitations.refuse(decide().shown)
    assert why(decide()) == Reason.REFUSED
    assert why(decide(who=new_visit(), refused_before=True)) == Reason.REFUSED


def test_one_per_visit(decide, bea, at_work):
    at_work(bea)
    shown = decide().shown
    Invitation.objects.filter(pk=shown.pk).update(state=State.EXPIRED)
    assert why(decide()) == Reason.ONCE


def test_none_during_a_chat(decide, visit, bea, at_work):
    at_work(bea)
    factories.InteractionFactory(visit=visit)
    assert why(decide()) == Reason.IN_CHAT


def test_asking_again_keeps_one_row_that_counts(decide, bea):
    decide()
    decide(seconds=46)
    withheld = Invitation.objects.get()
    assert (withheld.times, withheld.seconds) == (2, 46)


def test_unanswered_for_half_a_minute_it_is_gone(decide, bea, at_work):
    at_work(bea)
    shown = decide().shown
    Invitation.objects.filter(pk=shown.pk).update(expires_at=clock.now())
    assert invitations.sweep() == 1
    shown.refresh_from_db()
    assert shown.state == State.EXPIRED


def test_it_is_taken_back_when_its_place_goes(decide, bea, at_work):
    at_work(bea)
    shown = decide().shown
    assert invitations.still_good(shown)
    fill(bea)
    assert not invitations.still_good(shown)
    shown.refresh_from_db()
    assert (shown.state, shown.reason) == (State.WITHDRAWN, Reason.PLACE_GONE)


# -- the click


def accept(shown, key="start-key-1"):
    asking = conversations.Asking(key=key, page_url=REMOTE_PAGE, page_title="Télécommande")
    return conversations.accept(shown, shown.visit, asking)


def test_who_accepts_gets_the_agent_that_was_named(decide, bea, carl, at_work):
    at_work(bea, carl)
    shown = decide().shown
    chat = accept(shown)
    chat.interaction.refresh_from_db()
    assert chat.interaction.agent == shown.agent
    assert chat.interaction.status == Status.ACTIVE
    assert chat.interaction.offered_at is None
    shown.refresh_from_db()
    assert (shown.state, shown.interaction_id) == (State.ACCEPTED, chat.pk)


def test_the_greeting_is_ours_and_no_answer(decide, bea, at_work):
    at_work(bea)
    chat = accept(decide().shown)
    greeting = chat.interaction.messages.get(body__event="greeting")
    assert greeting.author == Message.Author.SYSTEM
    assert "Bea" in greeting.text
    chat.interaction.refresh_from_db()
    assert chat.interaction.first_answer_at is None


def test_when_the_named_agent_is_taken_another_one_is_told(decide, bea, carl, at_work):
    at_work(bea)
    shown = decide().shown
    at_work(carl)
    fill(bea)
    chat = accept(shown)
    chat.interaction.refresh_from_db()
    assert chat.interaction.agent == carl
    assert chat.promised_agent == bea
    greeting = chat.interaction.messages.get(body__event="greeting")
    assert "Carl" in greeting.text
    assert "Bea" in greeting.text


def test_when_nobody_is_left_the_promise_is_taken_back_and_no_chat_waits(decide, bea, at_work):
    at_work(bea)
    shown = decide().shown
    fill(bea)
    with pytest.raises(conversations.PlaceGone):
        accept(shown)
    shown.refresh_from_db()
    assert (shown.state, shown.interaction_id) == (State.WITHDRAWN, None)
    assert not shown.visit.interactions.exists()


def test_two_clicks_are_one_chat(decide, bea, at_work):
    at_work(bea)
    shown = decide().shown
    first, second = accept(shown), accept(Invitation.objects.get(pk=shown.pk), "start-key-2")
    assert first == second
    assert routing.free_places(bea) == 2


def test_an_invitation_that_is_long_gone_opens_nothing(decide, bea, at_work):
    at_work(bea)
    shown = decide().shown
    Invitation.objects.filter(pk=shown.pk).update(
        state=State.EXPIRED, expires_at=clock.now() - timedelta(minutes=5)
    )
    with pytest.raises(conversations.PlaceGone):
        accept(shown)


def test_somebody_elses_invitation_opens_nothing(decide, new_visit, bea, at_work):
    at_work(bea)
    shown = decide().shown
    with pytest.raises(conversations.NotYours):
        conversations.accept(shown, new_visit(), conversations.Asking(key="start-key-9"))


def test_an_invited_chat_is_offered_from_its_first_line_on(decide, bea, at_work):
    from crm.services import posting

    at_work(bea)
    chat = accept(decide().shown)
    assert conversations.count_as_offered() == 0
    posting.post(chat.interaction, author=Message.Author.CUSTOMER, text="Bonjour")
    assert conversations.count_as_offered() == 1
    chat.interaction.refresh_from_db()
    assert chat.interaction.offered_at == chat.interaction.first_customer_at
