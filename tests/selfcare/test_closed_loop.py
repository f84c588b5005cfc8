"""A low score is followed up; what customers write is found, tagged and compared."""

from datetime import timedelta

import pytest

from crm import clock
from crm.services import roles
from selfcare.models import Answer, FollowUp, Survey, SurveyInvitation
from selfcare.services import answers, comments, follow_ups, privacy, surveys
from tests import factories
from tests.people import _staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(bea):
    user = _staff("Léa", "Roux", "lea@lumio.example", roles.LEAD)
    return factories.AgentFactory(user=user, display_name="Léa", team=bea.team)


@pytest.fixture
def other_lead(db):
    user = _staff("Luc", "Noël", "luc@lumio.example", roles.LEAD)
    team = factories.TeamFactory(name="Lyon 1")
    return factories.AgentFactory(user=user, display_name="Luc", team=team)


@pytest.fixture
def told(chat, survey):
    """`told(1, "Trop lent")`: one more chat, its answer."""
    Survey.objects.update(rest_days=0, effort_days=0)

    def tell(score, comment="", *, days_ago=0):
        asked = surveys.invite(chat().pk)
        made = answers.answer(asked.pk, score=score, comment=comment, via=Answer.Via.CARD)
        at = made.answered_at - timedelta(days=days_ago)
        Answer.objects.filter(pk=made.pk).update(answered_at=at)
        return made

    return tell


# --- follow-ups --------------------------------------------------------------------------------


def test_a_low_score_opens_one_follow_up_due_in_opening_hours(told):
    made = told(2, "Trop lent")
    found = FollowUp.objects.get()
    assert (found.answer, found.due_at - found.created_at) == (made, timedelta(hours=8))
    answers.answer(made.invitation_id, score=1, via=Answer.Via.CARD)
    answers.answer(made.invitation_id, score=5, via=Answer.Via.CARD)
    assert FollowUp.objects.count() == 1


@pytest.mark.parametrize(("limit", "score", "opened"), [(2, 3, 0), (3, 3, 1), (0, 1, 0)])
def test_each_survey_says_what_is_low(told, limit, score, opened):
    Survey.objects.update(follow_up_at=limit)
    told(score)
    assert FollowUp.objects.count() == opened


def test_one_has_it_and_finishes_it_with_a_note(told, lead, mia):
    told(1)
    found = FollowUp.objects.get()
    follow_ups.take(found.pk, lead.user)
    with pytest.raises(follow_ups.Taken):
        follow_ups.take(found.pk, mia)
    with pytest.raises(follow_ups.NothingSaid):
        follow_ups.finish(found.pk, lead.user, "  ")
    done = follow_ups.finish(found.pk, lead.user, "Appelée, remboursée")
    with pytest.raises(follow_ups.Taken):
        follow_ups.finish(found.pk, lead.user, "Encore")
    assert (done.done_by, done.note) == (lead.user, "Appelée, remboursée")


def test_a_lead_has_their_teams_and_nobody_elses(told, enter, bea, lead, other_lead, mia):
    told(1, "Trop lent")
    for user, seen in ((lead.user, 1), (mia, 1), (other_lead.user, 0), (bea.user, None)):
        page = enter(user).get("/console/surveys/follow-ups/")
        assert page.status_code == (403 if seen is None else 200)
        assert seen is None or page.context["open_count"] == seen
    address = f"/console/surveys/follow-ups/{FollowUp.objects.get().pk}/"
    assert enter(other_lead.user).post(address, {"done": "1", "note": "x"}).status_code == 404
    assert enter(bea.user).post(address, {"done": "1", "note": "x"}).status_code == 403
    assert FollowUp.objects.open().count() == 1
    enter(lead.user).post(address, {"done": "1", "note": "Appelée"})
    assert FollowUp.objects.get().note == "Appelée"


def test_what_is_late_stands_first(told, enter, lead):
    told(1, "Hier")
    FollowUp.objects.update(due_at=clock.now() - timedelta(hours=1))
    told(1, "Maintenant")
    page = enter(lead.user).get("/console/surveys/follow-ups/")
    assert [row.answer.comment for row in page.context["page"]] == ["Hier", "Maintenant"]
    assert page.context["late_count"] == 1


def test_an_exchange_shows_what_was_said_of_it_and_who_follows_it_up(
    told, enter, bea, carl, lead, other_lead, mia
):
    """Beside the conversation; to whom it concerns."""
    made = told(4, "Merci")
    answers.answer(made.invitation_id, score=2, comment="Trop lent, au fond", via=Answer.Via.CARD)
    address = f"/console/crm/interaction/{made.invitation.interaction_id}/change/"
    (seen,) = enter(mia).get(address).context["aftermath"]
    facts = dict(seen.facts)
    assert seen.words == "Trop lent, au fond"
    assert facts["Êtes-vous satisfait de cet échange ?"] == "2/5"
    assert "4/5 « Merci »" in facts.values()
    assert facts["Suite à donner"].startswith("échéance")
    (seen,) = enter(bea.user).get(address).context["aftermath"]  # her own, without the follow-up
    assert (seen.words, seen.url) == ("Trop lent, au fond", "")
    follow_ups.finish(FollowUp.objects.get().pk, lead.user, "Rappelée")
    (seen,) = enter(lead.user).get(address).context["aftermath"]
    assert "Rappelée" in dict(seen.facts)["Suite à donner"]


# --- comments ----------------------------------------------------------------------------------


def found(client, **asked):
    page = client.get("/console/surveys/comments/", asked)
    assert page.status_code == 200
    return {row.comment for row in page.context["page"]}


def test_comments_are_found_by_folded_words_score_and_period(told, enter, lead):
    told(1, "Très déçue du délai")
    told(5, "Œuvre rapide")
    told(2, "Délai trop long", days_ago=40)
    client = enter(lead.user)
    assert found(client, q="delai") == {"Très déçue du délai"}
    assert found(client, q="DÉL", days=90) == {"Très déçue du délai", "Délai trop long"}
    assert found(client, q="oeuvre rap") == {"Œuvre rapide"}
    assert found(client, score=5) == {"Œuvre rapide"}
    assert found(client, q="' & !( :*", score="x", days="x") == {
        "Très déçue du délai",
        "Œuvre rapide",
    }


def test_the_form_says_the_days_that_are_looked_at(told, enter, lead):
    told(1, "Trop lent", days_ago=20)
    page = enter(lead.user).get("/console/surveys/comments/")
    assert [row.comment for row in page.context["page"]] == ["Trop lent"]
    assert page.context["form"]["days"].value() == "30"


def test_verdicts_are_said_in_words(told, enter, mia):
    told(4)
    SurveyInvitation.objects.update(verdict="rest_period", state="withheld")
    page = enter(mia).get("/console/selfcare/surveyinvitation/").content.decode()
    assert "interrogé récemment" in page
    assert ">rest_period<" not in page


def test_an_agent_reads_what_is_said_of_them_only(told, enter, bea, carl, other_lead):
    told(5, "Merci Bea")
    assert found(enter(bea.user)) == {"Merci Bea"}
    assert found(enter(carl.user)) == found(enter(other_lead.user)) == set()
    for user, count in ((bea.user, 1), (carl.user, 0)):
        rows = enter(user).get("/api/v1/survey-answers/").json()["results"]
        assert len(rows) == count


def test_a_tag_goes_on_all_that_were_ticked(told, enter, lead, bea, other_lead):
    first, second = told(1, "Un"), told(1, "Deux")
    data = {"answer": [first.pk, second.pk], "tag": "  délai  ", "query": "days=7"}
    assert enter(bea.user).post("/console/surveys/comments/tag/", data).status_code == 403
    enter(other_lead.user).post("/console/surveys/comments/tag/", data)
    assert not Answer.objects.exclude(tags=[]).exists()
    client = enter(lead.user)
    answer = client.post("/console/surveys/comments/tag/", data)
    assert answer["Location"] == "/console/surveys/comments/?days=7"
    assert found(client, tag="délai") == {"Un", "Deux"}
    client.post("/console/surveys/comments/tag/", data | {"answer": [first.pk], "away": "1"})
    assert found(client, tag="délai") == {"Deux"}


def test_words_that_come_up_open_exactly_their_comments(told, enter, lead):
    told(1, "Facture illisible")
    told(2, "La facture encore fausse")
    told(5, "Factures claires")
    told(4, "Une facture juste", days_ago=35)
    now = clock.now()
    (trend, *_rest) = comments.trends(Answer.objects.all(), now, timedelta(days=30))
    assert (trend.word, trend.now, trend.before) == ("facture", 2, 1)
    assert found(enter(lead.user), word="facture") == {
        "Facture illisible",
        "La facture encore fausse",
    }


def test_an_erased_customer_is_found_by_no_word_any_more(told, enter, lead):
    made = told(1, "Mon nom est Lenoir")
    follow_ups.finish(FollowUp.objects.get().pk, lead.user, "Madame Lenoir rappelée")
    privacy.erase_answers([made.invitation.interaction_id])
    assert found(enter(lead.user), q="lenoir") == set()
    assert FollowUp.objects.get().note == "–"
    assert Answer.objects.get().score == 1


# --- the same by the API -----------------------------------------------------------------------


def test_a_survey_is_made_written_and_published_by_the_api(enter, mia, survey, bea, box_queue):
    client = enter(mia)

    def send(method, path, data=None):
        answer = getattr(client, method)(
            f"/api/v1/surveys/{path}", data, content_type="application/json"
        )
        return answer.status_code, answer.json()

    rules = {"name": "Box", "queues": [box_queue.slug], "channels": ["chat"], "delays": {"chat": 5}}
    status, made = send("post", "", rules)
    assert (status, made["queues"], made["rest_days"]) == (201, [box_queue.slug], 30)
    assert send("post", "", rules | {"name": "Y", "channels": ["pigeon"]})[0] == 400
    key = made["id"]
    assert send("post", f"{key}/publish/")[0] == 400
    score = {"key": "score", "kind": "satisfaction", "text": {"fr": "Alors ?", "en": "So?"}}
    why = {"key": "text2", "kind": "text", "text": {"fr": "Pourquoi ?", "en": "Why?"}}
    why["when"] = {"question": "score", "at_most": 2}
    assert (
        send("put", f"{key}/questions/", {"questions": [score, why | {"key": "choice2"}]})[0] == 400
    )
    assert send("put", f"{key}/questions/", {"questions": [score, why]})[0] == 200
    assert send("post", f"{key}/publish/")[0] == 201
    assert [v["number"] for v in send("get", f"{key}/versions/")[1]] == [1]
    stored = Survey.objects.get(pk=key).versions.get().questions
    assert stored[1]["when"] == {"question": "score", "at_most": 2}
    client = enter(bea.user)
    assert send("put", f"{key}/questions/", {"questions": []})[0] == 403


def test_a_follow_up_is_taken_and_finished_by_the_api(told, enter, lead, other_lead, bea):
    told(1, "Trop lent")
    path = f"/api/v1/survey-follow-ups/{FollowUp.objects.get().pk}/"
    assert enter(other_lead.user).put(f"{path}take/").status_code == 404
    assert enter(bea.user).put(f"{path}take/").status_code == 403
    client = enter(lead.user)
    assert client.get(path).json()["comment"] == "Trop lent"
    assert client.put(f"{path}take/").json()["taken_by"] == lead.user.pk
    note = {"note": "Appelée"}
    assert client.put(f"{path}finish/", {}, content_type="application/json").status_code == 400
    assert client.put(f"{path}finish/", note, content_type="application/json").status_code == 200
    assert client.put(f"{path}finish/", note, content_type="application/json").status_code == 409
    assert SurveyInvitation.objects.get().state == "answered"
