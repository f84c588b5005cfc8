"""The widget's JSON doors. Public: each counts its callers, and takes only our own frame's word.

No cookie is set and none is needed: the session of our own portal is read when there is one.
So no CSRF token: the Origin header, which no page can forge, must be ours."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chat import invitations
from chat.models import Chat, Invitation, Site
from chat.services import buttons, conversations, sites, tokens
from chat.views.widget import language_of
from crm import clock, registry
from crm.models import Message, Visit
from crm.services import journeys, limits, posting

_LARGEST = 40_000
_Data = dict[str, Any]


class Refused(Exception):
    """The answer is a code and a status."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


def door(*, limit: int) -> Callable[..., Callable[..., HttpResponseBase]]:
    """A public POST of JSON from our own frame, `limit` times a minute per address."""

    def wrap(view: Callable[[HttpRequest, _Data], _Data]) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @require_POST
        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponseBase:
            try:
                data = _read(request, view.__name__, limit)
                return _json(view(request, data))
            except Refused as refused:
                return _json({"code": refused.code}, refused.status)
            except tokens.BadToken:
                return _json({"code": "forbidden"}, 403)

        return answer

    return wrap


def _json(data: _Data, status: int = 200) -> JsonResponse:
    return JsonResponse(data, status=status, headers={"Cache-Control": "no-store"})


def _read(request: HttpRequest, name: str, limit: int) -> _Data:
    if request.headers.get("Origin") != f"{request.scheme}://{request.get_host()}":
        raise Refused("origin", 403)
    if not limits.allow(f"widget.{name}", limits.sender(request), limit=limit, seconds=60):
        raise Refused("too_fast", 429)
    if len(request.body) > _LARGEST:
        raise Refused("too_large", 413)
    try:
        data = json.loads(request.body)
    except ValueError:
        raise Refused("malformed") from None
    if not isinstance(data, dict):
        raise Refused("malformed")
    return data


def _text(data: _Data, name: str, longest: int) -> str:
    value = data.get(name, "")
    if not isinstance(value, str) or "\x00" in value:
        raise Refused("malformed")
    return value[:longest]


def _number(data: _Data, name: str) -> int:
    value = data.get(name, 0)
    if not isinstance(value, int | float) or not 0 <= value <= 2**31 - 1:
        raise Refused("malformed")
    return int(value)


def _site(data: _Data) -> Site:
    site = Site.objects.filter(key=_text(data, "site", 50), is_active=True).first()
    if site is None:
        raise Refused("unknown", 404)
    if not site.allows(_text(data, "url", 2000)):
        raise Refused("origin", 403)
    return site


def _visit_key(request: HttpRequest, site: Site, data: _Data) -> str | None:
    """The one the page was given; on our portal, at first, the session's."""
    if data.get("visit"):
        return tokens.read_visit(data["visit"], site)
    known = request.session.get("visit") if site.is_portal else None
    return str(known) if known else None


def _visit(request: HttpRequest, site: Site, data: _Data, language: str) -> Visit:
    key = _visit_key(request, site, data)
    if key is None:
        raise tokens.BadToken("no visit")
    visit = journeys.visit(
        key,
        site_key=site.key,
        language=language,
        device=journeys.device_of(request.headers.get("User-Agent", "")),
        referrer=_text(data, "referrer", 500),
    )
    _seen(visit, site, data)
    return visit


def _seen(visit: Visit, site: Site, data: _Data) -> None:
    """Elsewhere the page itself is all the visit knows; the portal records what is read itself."""
    url = _text(data, "url", 500)
    if not site.is_portal and not visit.steps.filter(kind="page", target=url).exists():
        journeys.step(visit, "page", _text(data, "title", 200) or url, target=url)


def _page(data: _Data) -> invitations.Page:
    return invitations.Page(
        url=_text(data, "url", 2000),
        title=_text(data, "title", 200),
        seconds=_number(data, "seconds"),
        typing=data.get("typing") is True,
        refused_before=data.get("refused") is True,
    )


def _button(site: Site, data: _Data, language: str, visit: Visit | None) -> _Data:
    subject = sites.subject_of(site, _text(data, "url", 2000), _text(data, "subject", 50))
    found = buttons.button(subject, language=language, visit=visit)
    return {
        "state": found.state,
        "label": found.label,
        "detail": found.detail,
        "can_chat": found.can_chat,
        "ways": [vars(way) for way in found.ways],
        "news": [vars(one) for one in registry.news(subject, language)],
    }


@door(limit=120)
def visit(request: HttpRequest, data: _Data) -> _Data:
    """A page with the widget is open: what the button says, and when to ask about an invitation.

    Stores nothing: the visit becomes a row when there is something to remember."""
    site = _site(data)
    language = language_of(data.get("lang"), site)
    key = _visit_key(request, site, data)
    known = Visit.objects.filter(key=key).first() if key else None
    return {
        "visit": tokens.for_visit(key or journeys.new_key(), site),
        "button": _button(site, data, language, known),
        "ask_at": invitations.next_look(site, _page(data)),
    }


@door(limit=60)
def invite(request: HttpRequest, data: _Data) -> _Data:
    """Is there an invitation for this visitor, on this page, after this time?"""
    site = _site(data)
    language = language_of(data.get("lang"), site)
    visit = _visit(request, site, data, language)
    decision = invitations.decide(site, visit, _page(data), language=language)
    return {
        "invitation": _card(decision.shown, language) if decision.shown else None,
        "again": decision.again_after,
    }


def _card(shown: Invitation, language: str) -> _Data:
    agent, rule = shown.agent, shown.rule
    return {
        "id": shown.pk,
        "name": agent.display_name if agent else "",
        "picture": posting.picture_url(agent.picture) if agent else "",
        "question": rule.question(language) if rule else "",
        "seconds": invitations.SECONDS_SHOWN,
    }


def _own_invitation(request: HttpRequest, site: Site, data: _Data) -> Invitation:
    """Only the visitor who was invited; anybody else's number is as good as none."""
    key = _visit_key(request, site, data)
    found = (
        Invitation.objects.select_related(
            "agent", "visit__customer", "site", "subject", "queue", "rule"
        )
        .filter(pk=_number(data, "invitation"), visit__key=key, site=site)
        .exclude(state=Invitation.State.WITHHELD)
        .first()
    )
    if found is None:
        raise Refused("unknown", 404)
    return found


@door(limit=120)
def invitation(request: HttpRequest, data: _Data) -> _Data:
    """While the card is on the screen: is it still good? Or: the visitor said no."""
    found = _own_invitation(request, _site(data), data)
    if data.get("refuse") is True:
        invitations.refuse(found)
        return {"good": False}
    return {"good": invitations.still_good(found)}


def _before(site: Site, data: _Data) -> Chat | None:
    """The chat this visitor had before: its token is worth knowing even when it is over."""
    if not data.get("before"):
        return None
    try:
        return tokens.read_chat(data["before"], site_key=site.key, over=True)
    except tokens.BadToken:
        return None


@door(limit=20)
def start(request: HttpRequest, data: _Data) -> _Data:
    """Begin a chat: from an accepted invitation, or from the button with a first line."""
    site = _site(data)
    language = language_of(data.get("lang"), site)
    visit = _visit(request, site, data, language)
    user = request.user if site.is_portal and request.user.is_authenticated else None
    asking = conversations.Asking(
        key=_key(data, "key"),
        page_url=_text(data, "url", 500),
        page_title=_text(data, "title", 200),
        name=_text(data, "name", 80),
        language=language,
        device=visit.device,
        before=_before(site, data),
    )
    try:
        if data.get("invitation"):
            invited = _own_invitation(request, site, data)
            chat = conversations.accept(invited, visit, asking, user=user)
        else:
            chat = conversations.start(
                site,
                visit,
                asking,
                subject=sites.subject_of(
                    site, _text(data, "url", 2000), _text(data, "subject", 50)
                ),
                text=_said(data),
                client_id=_key(data, "client_id"),
                user=user,
            )
    except (conversations.CannotStart, conversations.PlaceGone):
        return {"chat": None, "button": _button(site, data, language, visit)}
    except conversations.NotYours:
        raise Refused("forbidden", 403) from None
    return {"chat": _opened(chat)}


def _opened(chat: Chat) -> _Data:
    return {"i": chat.pk, "token": tokens.for_chat(chat)}


def _key(data: _Data, name: str) -> str:
    value = _text(data, name, 65)
    if not 8 <= len(value) <= 64:
        raise Refused("malformed")
    return value


def _said(data: _Data) -> str:
    text = _text(data, "text", conversations.MAX_LINE + 1)
    if len(text) > conversations.MAX_LINE:
        raise Refused("too_large", 413)
    if not text.strip():
        raise Refused("malformed")
    return text


@door(limit=120)
def say(request: HttpRequest, data: _Data) -> _Data:
    """A line, where no socket gets through. The same line twice is stored once."""
    chat = tokens.read_chat(data.get("token"), site_key=_text(data, "site", 50))
    client_id, text = _key(data, "client_id"), _said(data)
    message = posting.post(
        chat.interaction, author=Message.Author.CUSTOMER, text=text, client_id=client_id
    )
    return {
        "t": "ack",
        "client_id": client_id,
        "i": chat.pk,
        "seq": message.customer_seq,
        "id": message.pk,
    }


@door(limit=120)
def lines(request: HttpRequest, data: _Data) -> _Data:
    """What changed since this number, where no socket gets through."""
    chat = tokens.read_chat(data.get("token"), site_key=_text(data, "site", 50))
    return posting.catch_up(chat.pk, posting.CUSTOMER, _number(data, "after"))


@door(limit=20)
def end(request: HttpRequest, data: _Data) -> _Data:
    """The visitor ends the chat."""
    chat = tokens.read_chat(data.get("token"), site_key=_text(data, "site", 50))
    with translation.override(chat.interaction.language):
        conversations.end(chat)
    return {"at": clock.now().isoformat()}
