"""The form before a chat: what its queue asks, without what is known already."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from chat.models import Question
from chat.services.identity import Proven
from crm.models import Identity, Queue, User, Visit
from crm.services import own_fields

Asks = Question.Asks
IN_WRITING = "in_writing"
_LONGEST = 254


class Incomplete(ValueError):
    """Something that must be answered is not, or not in a form we can use: a sentence per field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


@dataclass(frozen=True)
class Answers:
    """What somebody said of themselves: a claim, never a proof."""

    name: str = ""
    mail: str = ""
    own: dict[str, Any] = field(default_factory=dict)
    in_writing: bool = False  # they cannot telephone


def known(visit: Visit | None, user: User | None, proven: Proven | None) -> set[str]:
    """What need not be asked: of whoever is signed in here or vouched for by the site."""
    if user is not None and user.is_authenticated and not user.is_staff:
        return {Asks.MAIL, *([Asks.NAME] if user.get_full_name() else [])}
    if proven is not None:
        mail = [Asks.MAIL for claim in proven.claims if claim.kind == Identity.Kind.MAIL]
        return {*mail, *([Asks.NAME] if proven.name else [])}
    customer = visit.customer if visit else None
    return {Asks.NAME} if customer is not None and customer.last_name else set()


def questions(queue: Queue | None, already: set[str]) -> list[Question]:
    asked = Question.objects.filter(settings__queue=queue).select_related("own_field")
    return [
        question
        for question in asked
        if question.asks not in already
        and (question.own_field is None or question.own_field.is_active)
    ]


def form(queue: Queue | None, already: set[str]) -> list[dict[str, Any]]:
    """The same for the widget, in the language of the moment; who cannot telephone may say so in
    every chat."""
    words = {Asks.NAME: _("Your name"), Asks.MAIL: _("Your email address")}
    asked = [
        {
            "name": _key(question),
            "label": question.own_field.name if question.own_field else words[Asks(question.asks)],
            "kind": question.own_field.kind if question.own_field else question.asks,
            "choices": question.own_field.choices if question.own_field else [],
            "required": question.is_required,
        }
        for question in questions(queue, already)
    ]
    label = _("Deaf or hard of hearing: answered first")
    first = {"name": IN_WRITING, "label": label, "kind": "boolean", "choices": []}
    return [*asked, first | {"required": False}]


def _key(question: Question) -> str:
    return f"own.{question.own_field.key}" if question.own_field else question.asks


def read(queue: Queue | None, already: set[str], given: Mapping[str, Any]) -> Answers:
    """What was answered of what is asked; the rest is left out. Raises Incomplete."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for question in questions(queue, already):
        key = _key(question)
        try:
            values[key] = _answer(question, str(given.get(key) or "").strip()[:_LONGEST])
        except ValueError as error:
            errors[key] = str(error)
    if errors:
        raise Incomplete(errors)
    own = {key.removeprefix("own."): v for key, v in values.items() if key.startswith("own.") and v}
    name, mail = values.get(Asks.NAME, "")[:80], values.get(Asks.MAIL, "")
    return Answers(name, mail, own, bool(given.get(IN_WRITING)))


def _answer(question: Question, text: str) -> Any:
    """Raises a ValueError with the reason in words."""
    if not text and question.is_required:
        raise ValueError(_("Please fill this in."))
    if question.own_field:
        return own_fields.parse(question.own_field, text)
    if question.asks == Asks.MAIL and text:
        try:
            validate_email(text)
        except ValidationError:
            raise ValueError(_("This is not an email address.")) from None
        return text.lower()
    return text
