"""The widget's public doors: who may ask, and what they are told."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from chat.models import Chat, Invitation
from chat.services import privacy
from crm import clock
from crm.models import Message, Visit
from crm.services import interactions, presence
from tests import factories

from .conftest import REMOTE_PAGE, SHOP

SUNDAY_17 = datetime(2026, 11, 22, 17, 0, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture
def start(ask, visit):
    def begin(**more):
        line = {"key": "start-key-1", "text": "Ma télécommande…", "client_id": "line-key-1"}
        return ask("start", visit=visit, **line | more)

    return begin


def test_looking_at_a_page_stores_nothing_and_sets_no_cookie(ask, client, rule):
    status, answer = ask("visit")
    assert status == 200
    assert answer["ask_at"] == 30
    assert not Visit.objects.exists()
    assert not client.cookies


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_another_origin_is_refused(ask, origin):
    assert ask("visit", origin=origin) == (403, {"code": "origin"})


def test_a_page_that_is_not_on_the_list_is_refused(ask, visit):
    for url in ("https://evil.example/lumibox/x", f"{SHOP}.evil.example/", "javascript:1", ""):
        assert ask("visit", url=url) == (403, {"code": "origin"})


def test_a_list_may_leave_the_port_or_the_first_name_open(shop):
    shop.origins = ["http://boutique.localhost:*", "https://*.lumio.example"]
    assert shop.allows("http://boutique.localhost:8301/x")
    assert shop.allows("https://shop.lumio.example/x")
    assert not shop.allows("https://evil-lumio.example/")
    assert not shop.allows("https://boutique.localhost:8301/x")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"site": 1}', b'{"site": "a\\u0000b"}'])
def test_what_is_no_question_is_answered_with_an_error(client, shop, body):
    response = client.post(
        "/widget/visit", body, content_type="application/json",
        headers={"origin": "http://testserver"},
    )  # fmt: skip
    assert response.status_code == 400
    assert response.json()["code"] == "malformed"


def test_who_asks_too_often_is_told_so(ask):
    answers = [ask("start")[0] for _time in range(41)]  # a minute may end meanwhile
    assert 429 in answers


# -- the honest button


def test_chat_now_when_somebody_is_free(ask, bea, at_work, rule):
    at_work(bea)
    assert ask("visit")[1]["button"]["state"] == "chat"


def test_when_nobody_is_there_it_says_so_and_not_that_all_are_busy(ask, bea, rule):
    button = ask("visit")[1]["button"]
    assert (button["state"], button["can_chat"]) == ("nobody", False)
    assert "occupé" not in button["detail"]
    assert [way["name"] for way in button["ways"]] == ["callback", "mail", "in_writing"]


def test_a_colleague_on_a_break_is_not_there_whatever_the_last_half_hour_was(
    ask, bea, at_work, rule, box_queue
):
    at_work(bea)
    interactions.assign(factories.InteractionFactory(queue=box_queue), bea)
    presence.set_state(bea, "break")
    assert ask("visit")[1]["button"]["state"] == "nobody"


@pytest.fixture
def all_busy(bea, at_work, box_queue):
    """Bea has finished three and has three more: nobody is free, and the pace is known."""
    at_work(bea)
    for _chat in range(3):
        row = factories.InteractionFactory(queue=box_queue)
        done = interactions.assign(row, bea, at=clock.now() - timedelta(minutes=9))
        interactions.close(done, by=bea, outcome="solved")
    for _chat in range(3):
        interactions.assign(factories.InteractionFactory(queue=box_queue), bea)


def test_about_n_minutes_when_all_are_busy(ask, all_busy, rule):
    button = ask("visit")[1]["button"]
    assert (button["state"], button["can_chat"]) == ("wait", True)


def test_all_busy_and_nobody_knows_how_long(ask, bea, at_work, rule, box_queue):
    at_work(bea)
    for _chat in range(3):
        interactions.assign(factories.InteractionFactory(queue=box_queue), bea)
    button = ask("visit")[1]["button"]
    assert (button["state"], button["can_chat"]) == ("message", False)
    assert "occupé" in button["detail"]


def test_on_sunday_the_box_is_open_and_mobile_offers_other_ways(
    ask, rule, sim, bea, at_work, monkeypatch
):
    monkeypatch.setattr(clock, "now", lambda: SUNDAY_17)
    at_work(bea)
    assert ask("visit")[1]["button"]["state"] == "chat"
    closed = ask("visit", subject=sim.slug)[1]["button"]
    assert closed["state"] == "closed"
    assert [way["name"] for way in closed["ways"]] == ["callback", "mail", "in_writing"]
    assert all("subject=sim-esim-puk" in way["url"] for way in closed["ways"])
    assert ask("visit", subject=sim.slug, lang="en")[1]["button"]["detail"].endswith(
        "tomorrow at 08:00."
    )


def test_a_promised_place_is_not_offered_by_the_button(ask, new_visit, rule, bea, at_work):
    at_work(bea)
    bea.chat_places = 1
    bea.save()
    assert ask("invite", visit=new_visit(), seconds=31)[1]["invitation"]
    assert ask("visit")[1]["button"]["state"] != "chat"


# -- beginning


def test_a_first_line_begins_a_chat_that_is_assigned_at_once(start, rule, visit, bea, at_work):
    at_work(bea)
    status, answer = start()
    chat = Chat.objects.get(pk=answer["chat"]["i"])
    assert status == 200
    assert chat.interaction.agent == bea
    assert chat.interaction.visit == visit
    assert chat.interaction.offered_at
    assert chat.interaction.messages.get(author=Message.Author.CUSTOMER).client_id == "line-key-1"
    assert list(visit.steps.values_list("kind", flat=True)) == ["page", "ask"]


def test_the_same_beginning_twice_is_one_chat(start, rule, bea, at_work):
    at_work(bea)
    assert start()[1]["chat"]["i"] == start()[1]["chat"]["i"]
    assert Chat.objects.count() == 1


def test_somebody_elses_key_opens_nothing(start, ask, new_visit, rule, bea, at_work):
    at_work(bea)
    start()
    line = {"key": "start-key-1", "text": "Hello", "client_id": "line-key-2"}
    assert ask("start", visit=new_visit(), **line)[1]["chat"] is None
    assert Chat.objects.count() == 1


def test_a_closed_subject_begins_nothing(start, rule, sim, bea, at_work, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: SUNDAY_17)
    at_work(bea)
    answer = start(subject=sim.slug)[1]
    assert answer["chat"] is None
    assert answer["button"]["state"] == "closed"


def test_an_invitation_that_lost_its_place_falls_back_with_dignity(ask, visit, rule, bea, at_work):
    at_work(bea)
    shown = ask("invite", visit=visit, seconds=31)[1]["invitation"]
    for _chat in range(3):
        interactions.assign(factories.InteractionFactory(), bea)
    answer = ask("start", visit=visit, key="start-key-1", invitation=shown["id"])[1]
    assert answer["chat"] is None
    assert answer["button"]["ways"]


def test_a_stranger_cannot_answer_anothers_invitation(ask, visit, new_visit, rule, bea, at_work):
    at_work(bea)
    shown = ask("invite", visit=visit, seconds=31)[1]["invitation"]
    stranger = new_visit()
    assert ask("invitation", visit=stranger, invitation=shown["id"], refuse=True)[0] == 404
    assert ask("start", visit=stranger, key="start-key-9", invitation=shown["id"])[0] == 404
    assert Invitation.objects.get(pk=shown["id"]).state == Invitation.State.SHOWN
    assert not Chat.objects.exists()


# -- without a socket


def test_a_line_without_a_socket_is_stored_once(start, ask, rule, bea, at_work):
    at_work(bea)
    token = start()[1]["chat"]["token"]
    line = {"token": token, "client_id": "line-key-2", "text": "Toujours là ?"}
    first, second = ask("say", **line), ask("say", **line)
    assert first == second
    frames = ask("lines", token=token, after=0)[1]["frames"]
    assert [f["m"]["text"] for f in frames if f["m"]["author"] == "customer"] == [
        "Ma télécommande…", "Toujours là ?",
    ]  # fmt: skip


def test_a_token_opens_one_chat_on_one_site_until_it_is_erased(start, ask, rule, bea, at_work):
    at_work(bea)
    token = start()[1]["chat"]["token"]
    line = {"client_id": "line-key-3", "text": "x"}
    assert ask("say", token=token, **line, site="portal")[0] == 403
    assert ask("say", token=token[:-2] + "xx", **line)[0] == 403
    privacy.erase([Chat.objects.get().pk])
    assert ask("say", token=token, **line)[0] == 403
    assert Message.objects.filter(author="customer").count() == 1


def test_a_visitor_who_leaves_the_queue_has_abandoned(start, ask, rule, all_busy):
    token = start()[1]["chat"]["token"]
    assert ask("end", token=token)[0] == 200
    assert Chat.objects.get().interaction.outcome == "abandoned"


# -- what browsers load


def test_the_frame_lets_only_its_site_and_our_console_embed_it(client, shop):
    response = client.get("/widget/frame/boutique/?lang=en")
    policy = response["Content-Security-Policy"]
    assert f"frame-ancestors {settings.CONSOLE_URL} {SHOP}" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "X-Frame-Options" not in response
    assert not response.cookies


def test_no_other_page_may_be_framed(client, shop):
    assert client.get("/boutique/")["X-Frame-Options"] == "DENY"


def test_the_loader_changes_within_minutes_and_belongs_on_any_site(client):
    response = client.get("/widget/loader.js", headers={"accept-encoding": "gzip"})
    assert response["Cache-Control"] == "public, max-age=600"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not response.cookies


def test_the_shop_allows_our_script_and_our_frame_only(client, shop, settings):
    policy = client.get("/boutique/lumibox/")["Content-Security-Policy"]
    assert f"script-src {settings.PORTAL_URL}/widget/loader.js;" in policy
    assert "connect-src" not in policy
    assert "unsafe" not in policy


def test_the_page_address_is_kept_without_more_than_it_says(start, rule, bea, at_work):
    at_work(bea)
    start()
    assert Chat.objects.get().page_url == REMOTE_PAGE
