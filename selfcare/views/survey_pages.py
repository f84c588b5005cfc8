"""One page of a survey as it is drawn and read: for customers, and for the designer's preview."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from selfcare.services import questions, survey_texts


class Page:
    def __init__(
        self,
        asked: Sequence[questions.Question],
        number: int,
        given: Mapping[str, Any],
        language: str,
    ) -> None:
        self.asked, self.number, self.language = asked, number, language
        self.questions = questions.on_page(asked, number, given)

    def read(self, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """(what was answered, what to say at which question)."""
        values, faulty = questions.read_all(self.questions, data)
        faults = {key: gettext("Please choose one of the answers.") for key in faulty}
        for question in self.questions:
            if questions.is_required(question) and question["key"] not in values:
                faults[question["key"]] = (
                    gettext("Please write an answer.")
                    if question["kind"] == "text"
                    else gettext("Please choose one of the answers.")
                )
        return values, faults

    def following(self, given: Mapping[str, Any]) -> int | None:
        return questions.next_page(self.asked, self.number, given)

    def context(
        self, chosen: Mapping[str, Any], faults: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """`faults[""]` is about the whole page."""
        faults = faults or {}
        return {
            "questions": [self._drawn(question, chosen, faults) for question in self.questions],
            "page_number": self.number,
            "error": faults.get("")
            or (gettext("Please look at what is marked.") if faults else ""),
        }

    def _drawn(
        self, question: questions.Question, chosen: Mapping[str, Any], faults: Mapping[str, str]
    ) -> dict[str, Any]:
        key = question["key"]
        value = chosen.get(key, "")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        spoken = questions.spoken(question, self.language)
        return {
            **spoken,
            "value": text,
            "fault": faults.get(key, ""),
            "steps": [
                {"value": v, "label": label, "checked": v == text}
                for v, label in survey_texts.steps(spoken, self.language)
            ],
        }
