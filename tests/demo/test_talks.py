"""Two scripts talk to one another to the end; whoever leaves the script is answered."""

from random import Random

import pytest

from config.demo import data
from config.demo.simulate import talks
from config.demo.simulate.script import Said
from config.demo.simulate.talk import Talk

OPENINGS = [
    (subject, language, text)
    for subject, by_language in data.load("lines")["openings"].items()
    for language, texts in by_language.items()
    for text in texts[:1]
]


@pytest.mark.parametrize(("subject", "language", "opening"), OPENINGS)
def test_agent_and_customer_come_to_an_end(subject, language, opening) -> None:
    said, outcome = [Said(True, opening)], ""
    for _turn in range(40):
        line = talks.agent_says(said, language, agent="Inès")
        if line is not None:
            said.append(Said(False, line.text))
            if outcome := line.outcome:
                break
        elif text := talks.customer_says(said, Random(1)):
            said.append(Said(True, text))
    assert outcome == "solved"
    assert "Inès" in said[1].text
    turns = talks.begun_by(opening).turns
    assert [(one.by_customer, one.text) for one in said[2:-1]] == [(w == "c", t) for w, t in turns]


@pytest.mark.parametrize(
    ("events", "ended"),
    [
        (["assigned"], ""),
        (["assigned", "left"], "left"),
        (["assigned", "transferred", "assigned"], ""),
        (["assigned", "closed", "reopened"], ""),
        (["assigned", "closed", "reopened", "assigned", "transferred"], "transferred"),
    ],
)
def test_what_was_passed_on_or_closed_before_may_be_ours_now(events, ended) -> None:
    lines = {n: {"id": n, "kind": "event", "body": {"event": e}} for n, e in enumerate(events)}
    assert Talk(1, "chat", "fr", "", lines=lines).ended == ended


def test_what_a_real_agent_asks_is_answered() -> None:
    said = [Said(True, OPENINGS[0][2]), Said(False, "Bonjour, depuis quand exactement ?")]
    assert "matin" in (talks.customer_says(said, Random(1)) or "") or "soir" in (
        talks.customer_says(said, Random(1)) or ""
    )


def test_a_customer_who_has_said_goodbye_twice_says_no_more() -> None:
    said = [Said(True, OPENINGS[0][2])]
    answers = []
    for _time in range(4):
        said.append(Said(False, "Au revoir"))
        if text := talks.customer_says(said, Random(1)):
            answers.append(text)
            said.append(Said(True, text))
    assert len(answers) == len(set(answers)) == 2
