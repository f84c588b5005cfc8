"""Questions are written in a draft and published as versions; the page asks them."""

import pytest
from django.db import InternalError, ProgrammingError, transaction
from django.utils.translation import override

from selfcare.models import Answer
from selfcare.services import designs, links, surveys
from tests.selfcare.surveying import ask, question

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_limits")]


def at_most_two(key):
    return {"question": key, "at_most": 2}


CHOICES = [
    {"key": "c1", "fr": "Le délai", "en": "The delay"},
    {"key": "c2", "fr": "Le ton", "en": "The tone"},
]
WHY = question("choice", "choice2", choices=CHOICES, when=at_most_two("score"))
WORDS = question("text", "comment", required=True, when={"question": "choice2", "is": "c2"})


# --- publishing --------------------------------------------------------------------------------


def test_publishing_makes_a_version_and_those_asked_before_keep_theirs(chat, survey):
    asked = surveys.invite(chat().pk)
    designs.save(survey, [question("satisfaction")])
    assert designs.publish(survey).number == 2
    survey.refresh_from_db()
    assert survey.draft is None
    assert len(asked.questions()) == 4
    assert designs.publish(survey).number == 2  # nothing changed, nothing made


def test_a_published_version_cannot_be_changed_even_by_hand(survey):
    version = survey.versions.get()
    version.questions = []
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        version.save()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ([], "There is no question"),
        ([question("satisfaction") | {"text": {"fr": "Oui ?", "en": ""}}], "both languages"),
        ([question("effort") | {"ends": {"fr": ["", ""], "en": ["", ""]}}], "ends of the scale"),
        ([question("choice", "choice2", choices=CHOICES[:1])], "at least two choices"),
        ([WHY, question("satisfaction")], "earlier question"),
        (
            [question("satisfaction"), WHY | {"when": {"question": "score", "at_most": 9}}],
            "not fit",
        ),
        ([question("satisfaction") | {"when": at_most_two("score")}], "nobody would be asked"),
    ],
)
def test_what_is_wrong_is_said_in_words_and_not_published(survey, written, said):
    designs.save(survey, written)
    with pytest.raises(designs.Faulty) as refusal, override("en"):
        designs.publish(survey)
    assert said in " ".join(words for _place, words in refusal.value.problems)
    assert survey.versions.count() == 1


def test_a_key_never_means_another_question_of_its_survey(survey):
    ask(survey, question("choice", "choice2", choices=CHOICES))
    made = designs.new_question(survey, [], "choice")
    assert made["key"] == "choice3"


def test_a_choice_that_moves_keeps_its_key():
    moved = designs.with_choices({"choices": CHOICES}, ["Le ton", "Neuf"], ["The tone", "New"])
    assert [choice["key"] for choice in moved] == ["c2", "c3"]


# --- the designer ------------------------------------------------------------------------------


@pytest.fixture
def press(enter, mia, survey):
    client = enter(mia)

    def send(verb, **fields):
        address = f"/console/surveys/{survey.pk}/questions/"
        written = client.get(address).context["rows"]
        data = {"verb": verb}
        for row in written:
            key = row["question"]["key"]
            data |= {
                f"{key}-fr": row["question"]["text"]["fr"],
                f"{key}-en": row["question"]["text"]["en"],
            }
            for code in ("fr", "en"):
                low, high = row["question"].get("ends", {}).get(code, ["", ""])
                data |= {f"{key}-low-{code}": low, f"{key}-high-{code}": high}
                data[f"{key}-choices-{code}"] = row["choices"][code]
            if row["is_required"]:
                data[f"{key}-required"] = "1"
        answer = client.post(address, data | fields, follow=True)
        assert answer.status_code == 200
        survey.refresh_from_db()
        return answer

    return send


def test_a_survey_is_designed_from_the_first_button_to_the_version(press, survey):
    press("add", kind="choice")
    page = press(
        "save",
        **{
            "choice2-fr": "Pourquoi ?",
            "choice2-en": "Why?",
            "choice2-choices-fr": "Le délai\nLe ton",
            "choice2-choices-en": "The delay\nThe tone",
            "choice2-when": "score:at_most:2",
        },
    )
    assert page.context["problem_count"] == 0
    press("up:choice2", **{"choice2-when": "score:at_most:2"})
    assert [q["key"] for q in survey.draft] == ["score", "solved", "effort", "choice2", "comment"]
    press("publish", **{"choice2-when": "score:at_most:2"})
    latest = survey.versions.first()
    assert (latest.number, survey.draft) == (2, None)
    assert latest.questions[3]["when"] == at_most_two("score")
    assert latest.questions[0]["required"]


def test_a_condition_on_a_later_question_is_said_and_not_published(press, survey):
    press("add", kind="choice")
    page = press("publish", **{"score-when": "effort:at_most:2"})
    assert page.context["problem_count"] >= 2
    assert survey.versions.count() == 1


def test_who_may_only_look_changes_nothing(enter, bea, survey):
    client = enter(bea.user)
    address = f"/console/surveys/{survey.pk}/questions/"
    assert client.get(address).status_code == 403
    assert client.post(address, {"verb": "add", "kind": "text"}).status_code == 403
    survey.refresh_from_db()
    assert survey.draft is None


def test_the_preview_walks_all_pages_and_stores_nothing(enter, mia, client, survey, mallory):
    designs.save(survey, [question("satisfaction"), WHY, WORDS])
    address = f"/fr/avis/{survey.pk}/preview/"
    for stranger in (None, mallory):
        if stranger:
            client.force_login(stranger)
        assert client.get(address).status_code == 404
    manager = enter(mia)
    assert [q["key"] for q in manager.get(address).context["questions"]] == ["score"]
    page = manager.post(address, {"score": "1", "page": "0"})
    assert [q["key"] for q in page.context["questions"]] == ["choice2"]
    page = manager.post(address, {"score": "1", "choice2": "c2", "page": "1"})
    assert [q["key"] for q in page.context["questions"]] == ["comment"]
    assert manager.post(address, {"score": "5", "page": "0"}).context["is_over"]
    assert not Answer.objects.exists()


# --- what customers see ------------------------------------------------------------------------


@pytest.fixture
def asked(client, chat, survey):
    ask(survey, question("satisfaction"), WHY, WORDS)
    invitation = surveys.invite(chat().pk)
    client.get(f"/fr/avis/{links.token(links.SURVEY, invitation.pk)}/")
    return f"/fr/avis/{invitation.pk}/"


def test_the_first_answer_counts_before_the_second_page_asks(client, asked):
    answer = client.post(asked, {"score": "2"})
    assert answer["Location"] == f"{asked}?page=1"
    assert Answer.objects.get().score == 2
    answer = client.post(f"{asked}?page=1", {"choice2": "c2"})
    assert answer["Location"] == f"{asked}?page=2"
    assert client.post(f"{asked}?page=2", {}).status_code == 422  # required there
    answer = client.post(f"{asked}?page=2", {"comment": "Trop sec"})
    assert answer["Location"] == f"{asked}merci/"
    stored = Answer.objects.get()
    assert (stored.more, stored.comment) == ({"choice2": "c2"}, "Trop sec")


def test_who_is_satisfied_is_asked_nothing_more(client, asked):
    assert client.post(asked, {"score": "5"})["Location"] == f"{asked}merci/"
    assert client.get(f"{asked}?page=1")["Location"] == asked


@pytest.mark.parametrize("choice", ["c9", "' OR 1", "\x00"])
def test_a_choice_that_is_none_is_asked_again(client, asked, choice):
    client.post(asked, {"score": "1"})
    assert client.post(f"{asked}?page=1", {"choice2": choice}).status_code == 422
    assert Answer.objects.get().more == {}
