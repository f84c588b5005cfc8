"""The search forgives how people write, and says so when it does not know."""

import io
import json

import pytest
from django.core.management import call_command

from selfcare import search
from selfcare.models import Audience
from selfcare.services import articles
from tests.selfcare.helpdesk import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def base():
    return {
        "remote": write(
            "Ma télécommande Lumibox ne fonctionne qu’en partie",
            "<p>Changez les piles, puis appairez la télécommande au décodeur.</p>",
        ),
        "puk": write(
            "Mon téléphone demande un code PUK",
            "<p>Le code PUK débloque votre carte SIM après trois codes PIN faux.</p>",
            keywords=["sim bloquée"],
        ),
        "wifi": write("Mon Wi-Fi est lent", "<p>Rapprochez-vous de la Lumibox.</p>"),
        "bill": write("Télécharger une facture", "<p>Vos factures sont dans votre espace.</p>"),
        "down": write("Je n’ai plus Internet", "<p>Regardez le voyant de la Lumibox.</p>"),
        "theft": write("On m’a volé mon téléphone", "<p>Bloquez votre ligne tout de suite.</p>"),
    }


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("ma télécommande marche mal", "remote"),
        ("MA TELECOMMANDE", "remote"),  # no accents, capitals
        ("telecomande", "remote"),  # a letter lost
        ("tlécommande lumiobx", "remote"),  # two words mistyped
        ("c koi le code puk svp", "puk"),  # as in a text message
        ("c'est quoi le code PUK ?", "puk"),
        ("sim bloquee", "puk"),  # only in the editors' words
        ("factures", "bill"),  # plural
        ("j'ai plus internt", "down"),
        ("volé téléphones", "theft"),
    ],
)
def test_a_question_finds_its_article_however_it_is_written(base, asked, answer):
    found = search.search(asked, "fr")
    assert found.hits[0][0] == base[answer]


def test_a_question_nobody_answered_is_not_answered(base):
    assert not search.search("recette de la tarte aux pommes", "fr").answered
    assert not search.search("?!", "fr").answered
    assert not search.search("", "fr").answered


def test_a_clear_question_is_answered(base):
    assert search.search("code puk du téléphone", "fr").answered


def test_typing_completes_to_the_title_it_begins(base):
    titles = [one.title for one in search.complete("ma télécommande l", "fr")]
    assert titles[0] == "Ma télécommande Lumibox ne fonctionne qu’en partie"


@pytest.mark.parametrize("typed", ["telecommande lu", "Telecomande lumi", "lumibox ma telec"])
def test_completion_forgives_accents_typing_errors_and_order(base, typed):
    titles = [one.title for one in search.complete(typed, "fr")]
    assert titles[:1] == ["Ma télécommande Lumibox ne fonctionne qu’en partie"]


@pytest.mark.parametrize("typed", ["", " ", "l", "\x00", "%%%", "x" * 5000])
def test_nothing_to_complete_is_an_empty_list(base, typed):
    assert search.complete(typed, "fr") == []


def test_a_hidden_article_is_never_found(base):
    articles.publish(base["puk"].article, published=False)
    search.forget()
    assert base["puk"] not in [row for row, _score in search.search("code puk", "fr").hits]
    completed = [one.title for one in search.complete("mon téléphone demande", "fr")]
    assert base["puk"].title not in completed


def test_what_agents_may_read_strangers_do_not_find():
    write("Débloquer un code PUK", visibility="staff")
    assert search.search("code puk", "fr").hits == []
    assert len(search.search("code puk", "fr", audience=Audience.STAFF).hits) == 1
    assert search.complete("débloquer", "fr") == []


def test_a_change_is_found_at_the_next_look(base):
    base["wifi"].title = "Brancher un répéteur"
    articles.save(base["wifi"])
    search.forget()
    assert search.search("répéteur", "fr").hits[0][0] == base["wifi"]


def test_languages_do_not_mix(base):
    write("My remote only works in part", language="en")
    assert [row.language for row, _score in search.search("remote", "en").hits] == ["en"]


def test_the_command_answers_line_by_line(base, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("code puk\ntarte aux pommes\n"))
    call_command("search_articles", language="fr", limit=3)
    first, second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert first["answered"]
    assert first["results"][0]["external_id"] == base["puk"].article.external_id
    assert not second["answered"]


def test_whatever_bytes_come_the_command_answers_each_line_once(base, monkeypatch, capsys):
    lines = [
        b"",
        b"code puk\r",
        "📵 🤯".encode(),
        b"'; DROP TABLE selfcare_article; --",
        b"\x00\x0b\x1f",
        b"\xff\xfe pas de l'UTF-8",
        b"telecommande " * 800,
        "mon\u2028code\u0085puk".encode(),
    ]
    told = io.TextIOWrapper(io.BytesIO(b"\n".join(lines) + b"\n"))
    monkeypatch.setattr("sys.stdin", told)
    call_command("search_articles", language="fr", limit=3)
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["answered"] for answer in answers] == [0, 1, 0, 0, 0, 0, 1, 1]
    assert answers[1]["results"][0]["external_id"] == base["puk"].article.external_id


def test_a_question_in_another_language_than_the_commands_finds_its_article(
    base, monkeypatch, capsys
):
    other = write("My remote only works in part", "<p>Pair it again.</p>", language="en")
    monkeypatch.setattr("sys.stdin", io.StringIO("my remote only works in part\n"))
    call_command("search_articles", language="fr", limit=3)
    found = json.loads(capsys.readouterr().out)
    assert found["answered"]
    assert found["results"][0]["external_id"] == other.article.external_id


def test_an_answer_is_shown_without_what_only_shares_a_word_with_it(base):
    found = search.search("télécharger une facture de téléphone", "fr")
    assert found.answered
    assert [row.title for row, _score in found.hits] == ["Télécharger une facture"]
