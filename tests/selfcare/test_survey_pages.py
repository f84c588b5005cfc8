"""The survey's page and the card's address."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from crm import clock
from crm.models import Consent
from crm.services import privacy
from selfcare.models import Answer, SurveyInvitation
from selfcare.services import links

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_limits")]


@pytest.fixture
def token(invitation):
    return links.token(links.SURVEY, invitation.pk)


def test_a_link_scanner_does_not_vote(client, token, invitation):
    """The mail's button only preselects; what is sent from the page counts."""
    for score in range(1, 6):
        page = client.get(f"/fr/avis/{token}/?score={score}", follow=True)
        assert page.status_code == 200
        client.head(f"/fr/avis/{token}/?score={score}")
    assert page.redirect_chain == [(f"/fr/avis/{invitation.pk}/?score=5", 302)]
    checked = [step["value"] for step in page.context["questions"][0]["steps"] if step["checked"]]
    assert checked == ["5"]
    assert not Answer.objects.exists()


def test_the_page_counts_without_javascript(client, token, invitation):
    client.get(f"/fr/avis/{token}/")
    answer = client.post(
        f"/fr/avis/{invitation.pk}/",
        {"score": "4", "effort": "6", "solved": "true", "comment": "Très bien"},
        follow=True,
    )
    assert answer.redirect_chain == [(f"/fr/avis/{invitation.pk}/merci/", 302)]
    stored = Answer.objects.get()
    assert (stored.score, stored.effort, stored.solved, stored.comment) == (
        4,
        6,
        True,
        "Très bien",
    )
    again = client.get(f"/fr/avis/{invitation.pk}/").content.decode()
    assert "Très bien" in again


@pytest.mark.parametrize("score", ["", "0", "6", "nul", None])
def test_an_answer_without_a_score_is_asked_again(client, token, invitation, score):
    client.get(f"/fr/avis/{token}/")
    data = {"comment": "Mon texte"} | ({"score": score} if score is not None else {})
    answer = client.post(f"/fr/avis/{invitation.pk}/", data)
    assert answer.status_code == 422
    assert "Mon texte" in answer.content.decode()
    assert not Answer.objects.exists()


def test_a_stranger_finds_no_survey(client, invitation, mallory):
    for _who in ("nobody", "mallory"):
        assert client.get(f"/fr/avis/{invitation.pk}/").status_code == 404
        assert client.post(f"/fr/avis/{invitation.pk}/", {"score": 1}).status_code == 404
        assert client.get(f"/fr/avis/{invitation.pk}/merci/").status_code == 404
        client.force_login(mallory)
    assert not Answer.objects.exists()


def test_an_expired_or_foreign_link_says_so(client, token, invitation):
    foreign = links.token(links.CALLBACK, invitation.pk)
    assert client.get(f"/fr/avis/{foreign}/").status_code == 410
    client.get(f"/fr/avis/{token}/")
    SurveyInvitation.objects.update(expires_at=clock.wall())
    assert client.get(f"/fr/avis/{invitation.pk}/").status_code == 410
    assert client.post(f"/fr/avis/{invitation.pk}/", {"score": 5}).status_code == 410
    assert vote(client, token, {"score": 5}).status_code == 410


def vote(client, token, data):
    address = reverse("selfcare:survey_score", args=[token])
    body = data if isinstance(data, str) else json.dumps(data)
    return client.post(address, body, content_type="application/json")


def test_the_card_votes_and_adds_words_later(client, token):
    assert vote(client, token, {"score": 5}).json()["score"] == 5
    assert vote(client, token, {"score": 5, "comment": "Merci Bea"}).status_code == 200
    stored = Answer.objects.get()
    assert (stored.score, stored.comment, stored.via) == (5, "Merci Bea", "card")


@pytest.mark.parametrize(
    "data",
    ["", "null", "[]", "{", {}, {"score": 9}, {"score": "x"}, {"score": None}, {"score": []}],
)
def test_the_card_refuses_what_is_no_answer(client, token, data):
    assert vote(client, token, data).status_code == 400
    assert not Answer.objects.exists()


def test_the_card_refuses_a_forged_token_and_looking(client, token):
    assert vote(client, "forged", {"score": 5}).status_code == 400
    assert client.get(reverse("selfcare:survey_score", args=[token])).status_code == 405


def test_colleagues_do_not_answer_for_the_customer(client, token, bea):
    client.force_login(bea.user)
    assert vote(client, token, {"score": 5}).status_code == 403


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_speaks_both_languages(client, token, invitation, language):
    client.get(f"/{language}/avis/{token}/")
    page = client.get(f"/{language}/avis/{invitation.pk}/").content.decode()
    assert ("How satisfied" in page) == (language == "en")


def test_one_click_of_the_mail_program_ends_surveys_and_a_look_does_not(token, invitation, ada):
    stranger = Client(enforce_csrf_checks=True)
    address = f"/fr/avis/{token}/stop/"
    assert stranger.get(address).status_code == 200
    assert not privacy.objects_to(ada, Consent.Purpose.SURVEY)
    answer = stranger.post(address, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert privacy.objects_to(ada, Consent.Purpose.SURVEY)
    assert stranger.post("/fr/avis/forged/stop/").status_code == 410
