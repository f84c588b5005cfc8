"""Articles that may answer what a customer last wrote, for whoever answers them at the desk."""

import html
import re

import nh3

from crm import registry
from crm.models import Interaction, Message
from selfcare import search
from selfcare.models import Translation
from selfcare.services import links

_AT_MOST = 3
_LINES = 6  # of the customer's, read back from the last
_SENTENCES = 8  # asked each by itself: a whole letter as one question is about everything
_WORTH = 0.5  # of the best one's score
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_ITEM = re.compile(r"<li>")
_CELL = re.compile(r"</t[dh]>\s*(?=<t[dh])")
_STEPS = re.compile(r"<ol\b.*?</ol>", re.DOTALL)
_BREAK = re.compile(r"<br ?/?>|</li>|</tr>")
_BLOCK = re.compile(r"</(?:p|div|h[2-4]|ul|ol|table|figure|blockquote|pre)>")
_GAP = re.compile(r"\s*\n\s*\n\s*")


def help_for(interaction: Interaction) -> list[registry.Help]:
    """Public ones, best first; none when the search is not sure."""
    language = interaction.language[:2]
    scores: dict[int, float] = {}
    for sentence in _last_words(interaction):
        found = search.ask(sentence, language, _AT_MOST)
        for key, score in found.hits if found.answered else []:
            scores[key] = max(score, scores.get(key, 0.0))
    least = _WORTH * max(scores.values(), default=0.0)
    ordered = sorted((key for key in scores if scores[key] >= least), key=lambda key: -scores[key])
    rows = Translation.objects.public().in_bulk(ordered[:_AT_MOST])
    return [
        registry.Help(
            row.title, links.address("article", language, row.slug), row.summary, in_lines(row.body)
        )
        for key in ordered
        if (row := rows.get(key))
    ]


def _last_words(interaction: Interaction) -> list[str]:
    """The sentences since we last answered, or of before that when nothing came after it."""
    said = interaction.messages.filter(kind=Message.Kind.TEXT, deleted_at=None).exclude(
        author=Message.Author.SYSTEM
    )
    lines: list[str] = []
    for author, text in said.order_by("-pk").values_list("author", "text")[: 2 * _LINES]:
        if author == Message.Author.CUSTOMER:
            lines.insert(0, text)
        elif lines:
            break
    else:
        lines.insert(0, interaction.title)  # all that was said: a letter's title is part of it
    sentences = [part for line in lines[-_LINES:] for part in _SENTENCE.split(line)]
    return [sentence.strip() for sentence in sentences if sentence.strip()][:_SENTENCES]


def in_lines(body: str) -> str:
    """An article as it is said in a chat or a letter: steps numbered, points with a dash."""
    text = _STEPS.sub(lambda steps: _numbered(steps[0]), body)
    text = _CELL.sub(" – ", _ITEM.sub("- ", text))
    text = _BLOCK.sub("\n\n", _BREAK.sub("\n", text))
    plain = html.unescape(nh3.clean(text, tags=set()))
    return _GAP.sub("\n\n", "\n".join(" ".join(line.split()) for line in plain.split("\n"))).strip()


def _numbered(steps: str) -> str:
    number = 0

    def next_one(_item: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return f"{number}. "

    return _ITEM.sub(next_one, steps)
