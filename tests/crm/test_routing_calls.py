"""A due call is made although chats never end."""

import pytest

from crm.models import HeldForCall, Interaction, Status
from crm.services import interactions, presence, routing
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def comes(box_queue):
    """`comes("chat")`: somebody waits in Bea's and Carl's queue."""
    return lambda channel, **fields: factories.InteractionFactory(
        channel=channel, queue=box_queue, **fields
    )


def _held():
    return set(HeldForCall.objects.values_list("agent__display_name", flat=True))


def test_a_stream_of_chats_ends_for_one_agent_until_the_call_is_made(bea, at_work, comes):
    at_work(bea)
    chats = [comes("chat"), comes("chat")]
    routing.drain()
    call = comes("callback")
    assert routing.assign_one(call.pk) is None
    assert _held() == {"Bea"}
    late = comes("chat")
    assert routing.drain() == 0
    assert routing.why_not(late) == [(bea, "call_due")]
    assert routing.free_agent(late.queue) is None, "no invitation either"
    for chat in chats:
        interactions.close(chat, by=bea, outcome="solved")
    assert routing.fill(bea.pk) == 1
    call.refresh_from_db()
    assert call.agent == bea
    interactions.close(call, by=bea, outcome="solved")
    routing.hold_chats_back()
    assert not HeldForCall.objects.exists()
    assert routing.drain() == 1


def test_whoever_is_free_first_makes_it_and_the_others_go_on(bea, carl, at_work, comes):
    at_work(bea, carl)
    for agent, count in ((bea, 2), (carl, 1)):
        for _n in range(count):
            interactions.assign(comes("chat"), agent)
    calls = [comes("callback") for _n in range(3)]
    routing.hold_chats_back()
    assert _held() == {"Carl"}, "half of those who could"
    assert routing.assign_one(comes("chat").pk) == bea
    presence.set_state(carl, "break")
    routing.hold_chats_back()
    assert _held() == {"Bea"}
    assert {row.interaction_id for row in HeldForCall.objects.all()} == {calls[0].pk}


def test_a_chat_that_waits_longer_goes_first(bea, at_work, comes):
    at_work(bea)
    interactions.assign(comes("chat"), bea)
    type(bea).objects.filter(pk=bea.pk).update(chat_places=1)
    comes("chat")
    comes("callback")
    routing.hold_chats_back()
    assert not _held()
    # unless nobody here could take it
    Interaction.objects.filter(status=Status.WAITING, channel="chat").update(language="de")
    routing.hold_chats_back()
    assert _held() == {"Bea"}


def test_without_calls_it_asks_once(django_assert_num_queries, comes):
    comes("chat")
    with django_assert_num_queries(2):
        assert routing.hold_chats_back() == 0
