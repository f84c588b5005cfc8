"""What the simulated Amélie says."""

import pytest

from config.demo.simulate.script import Said, next_line


def talk(*turns):
    return [Said(by_customer=n % 2 == 0, text=text) for n, text in enumerate(turns)]


def play(*answers, language="fr", customer="Monsieur Spencer"):
    """The conversation with these customer's lines, her own between them; and its outcome."""
    lines, outcome = [], ""
    for answer in answers:
        lines.append(Said(True, answer))
        said = next_line(lines, language, customer)
        if said is None:
            break
        lines.append(Said(False, said.text))
        outcome = said.outcome
    return [line.text for line in lines if not line.by_customer], outcome


def test_the_sunday_remote_is_solved_and_ends_with_bravo():
    hers, outcome = play(
        "Bonjour, ma télécommande ne marche qu'en partie",
        "seulement le volume",
        "oui",
        "oui",
        "tout remarche, merci !",
    )
    assert "Monsieur Spencer" in hers[0]
    assert "Bravo Monsieur Spencer" in hers[-1]
    assert outcome == "solved"


def test_she_waits_for_the_customers_turn():
    assert next_line(talk("ma télécommande", "Bonjour"), "fr") is None
    assert next_line([], "fr") is None


def test_a_no_at_the_last_step_is_handed_over_and_not_called_solved():
    _hers, outcome = play("télécommande en partie", "volume", "oui", "oui", "non ça marche pas")
    assert outcome == "promised"


def test_what_she_does_not_understand_goes_to_a_colleague_after_two_questions():
    hers, outcome = play("bla", "blub", "xyz")
    assert len(set(hers)) == 3
    assert outcome == "promised"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_without_a_name_no_gap_is_left(language):
    text = next_line(talk("wifi lent" if language == "fr" else "slow wifi"), language).text
    assert "{" not in text
    assert " ," not in text


def test_the_next_line_depends_on_nothing_but_what_was_said():
    lines = talk("télécommande en partie")
    assert next_line(lines, "fr") == next_line(lines, "fr")
