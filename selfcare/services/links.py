"""Signed links for people without a session: one purpose each, and an end.

The token says what it is for and which row; it opens nothing else. Its age is real time."""

from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import override

from crm.models import Interaction

CALLBACK = "callback"
SURVEY = "survey"
REQUEST = "request"

_DAYS = {CALLBACK: 30, SURVEY: 30, REQUEST: 30}


class BadLink(Exception):
    """Not ours, for something else, or too old."""


def token(purpose: str, pk: int) -> str:
    return signing.dumps(pk, salt=f"selfcare.{purpose}")


def read(purpose: str, text: str) -> int:
    """The row a link is for. Raises BadLink."""
    try:
        pk = signing.loads(text, salt=f"selfcare.{purpose}", max_age=_DAYS[purpose] * 86400)
    except signing.BadSignature as error:
        raise BadLink(purpose) from error
    if not isinstance(pk, int):
        raise BadLink(purpose)
    return pk


def path(name: str, language: str, *args: object) -> str:
    """A portal address in the customer's language, without the host."""
    with override(language[:2]):
        return reverse(f"selfcare:{name}", args=args)


def address(name: str, language: str, *args: object) -> str:
    """The same for a mail: with the host."""
    return urljoin(settings.PORTAL_URL, path(name, language, *args))


def request_page(interaction: Interaction) -> str:
    """Where whoever gets this link follows and answers their request, without an account."""
    return address("request_link", interaction.language, token(REQUEST, interaction.pk))
