"""What is new in replies as people's mail programs write them (tests/mails/replies/*.txt)."""

import re
from dataclasses import dataclass

import pytest

from tests.tickets.conftest import MAILS
from tickets.mail.parse import parse


@dataclass(frozen=True)
class Reply:
    """`@@ name`, the mail's text (HTML where the name says so), `@@ new`, what is new in it."""

    name: str
    body: str
    new: str

    def got(self) -> str:
        kind = "html" if self.name.endswith("(HTML)") else "plain"
        head = f"From: ada@lenoir.example\nContent-Type: text/{kind}; charset=utf-8\n\n"
        return parse((head + self.body).encode()).reply_text


def _read() -> list[Reply]:
    found = []
    for path in sorted((MAILS / "replies").glob("*.txt")):
        pieces = re.split(r"^@@ (.+)\n", path.read_text(), flags=re.MULTILINE)[1:]
        for name, body, _new, new in zip(*(pieces[at::4] for at in range(4)), strict=True):
            found.append(Reply(f"{path.stem}: {name}", body, new.strip()))
    return found


CASES = _read()


def test_there_are_sixty_in_french_english_and_german():
    assert sum(not case.name.startswith("others") for case in CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_new_and_nothing_else(case):
    assert case.got() == case.new
