"""The widget's JSON doors. Public: each counts its callers, and takes only our own frame's word.

No cookie is set and none is needed: the session of our own portal is read when there is one.
So no CSRF token: the Origin header, which no page can forge, must be ours."""

from django.http import HttpRequest
from django.utils import translation

from chat import invitations
from chat.models import Chat, Invitation, Site
from chat.services import before, buttons, conversations, identity, letters, sites, tokens
from chat.views import frame, page, panel
from chat.views.widget import language_of
from crm import clock, registry
from crm.models import Message, Subject, Visit
from crm.services import files, journeys, posting

_MOST_LINKS = 100


def _site(data: frame.Data) -> Site:
    site = Site.objects.filter(key=frame.text(data, "site", 50), is_active=True).first()
    if site is None:
        raise frame.Refused("unknown", 404)
    if not site.allows(frame.text(data, "url", 2000)):
        raise frame.Refused("origin", 403)
    return site


def _visit_key(request: HttpRequest, site: Site, data: frame.Data) -> str | None:
    """The one the page was given; on our portal, at first, the session's."""
    if data.get("visit"):
        return tokens.read_visit(data["visit"], site)
    known = request.session.get("visit") if site.is_portal else None
    return str(known) if known else None


def _visit(request: HttpRequest, site: Site, data: frame.Data, language: str) -> Visit:
    key = _visit_key(request, site, data)
    if key is None:
        raise tokens.BadToken("no visit")
    visit = journeys.visit(
        key,
        site_key=site.key,
        language=language,
        device=journeys.device_of(request.headers.get("User-Agent", "")),
        referrer=frame.text(data, "referrer", 500),
    )
    _seen(visit, site, data)
    return visit


def _seen(visit: Visit, site: Site, data: frame.Data) -> None:
    """Elsewhere the page itself is all the visit knows; the portal records what is read itself."""
    url = frame.text(data, "url", 500)
    if not site.is_portal and not visit.steps.filter(kind="page", target=url).exists():
        journeys.step(visit, "page", frame.text(data, "title", 200) or url, target=url)


def _subject(site: Site, data: frame.Data) -> Subject | None:
    return sites.subject_of(site, frame.text(data, "url", 2000), frame.text(data, "subject", 50))


def _button(
    request: HttpRequest, site: Site, data: frame.Data, language: str, visit: Visit | None
) -> frame.Data:
    """`open`: with everything that the panel shows, which most pages never ask for."""
    subject = _subject(site, data)
    found = buttons.button(subject, language=language, visit=visit)
    more: frame.Data = {}
    with translation.override(language):
        first = [] if found.can_chat else buttons.in_writing(found.ways)
    if data.get("open") is True:
        more = panel.told(request, site, subject, found, visit, _proven(site, data), language)
    return {
        "state": found.state,
        "label": found.label,
        "detail": found.detail,
        "can_chat": found.can_chat,
        "fixed": sites.on_page(site.button_pages, frame.text(data, "url", 2000)),
        "ways": [vars(way) for way in (*found.ways, *first)],
        "news": [vars(one) for one in registry.news(subject, language)],
        **more,
    }


@frame.door(limit=120)
def visit(request: HttpRequest, data: frame.Data) -> frame.Data:
    """A page with the widget is open: what the button says, and when to ask about an invitation.

    Stores nothing: the visit becomes a row when there is something to remember."""
    site = _site(data)
    language = language_of(data.get("lang"), site)
    try:
        key = _visit_key(request, site, data)
    except tokens.BadToken:  # kept by the device for longer than it is good
        key = None
    known = Visit.objects.filter(key=key).first() if key else None
    plan = invitations.plan(site, page.read(data))
    chat = conversations.going_on(
        site, user=panel.account(request, site), proven=_proven(site, data)
    )
    button = _button(request, site, data, language, known)
    return {
        "visit": tokens.for_visit(key or journeys.new_key(), site),
        "button": button | {"chat": tokens.for_chat(chat) if chat else ""},
        "ask_at": plan.ask_at,
        "watch": plan.watch,
    }


@frame.door(limit=60)
def invite(request: HttpRequest, data: frame.Data) -> frame.Data:
    """Is there an invitation for this visitor, on this page, after this time?"""
    site = _site(data)
    language = language_of(data.get("lang"), site)
    visit = _visit(request, site, data, language)
    decision = invitations.decide(site, visit, page.read(data), language=language)
    return {
        "invitation": _card(decision.shown, language) if decision.shown else None,
        "again": decision.again_after,
    }


def _card(shown: Invitation, language: str) -> frame.Data:
    agent, rule = shown.agent, shown.rule
    return {
        "id": shown.pk,
        "name": agent.display_name if agent else "",
        "picture": posting.picture_url(agent.picture) if agent else "",
        "question": rule.question(language) if rule else "",
        "seconds": invitations.SECONDS_SHOWN,
    }


def _own_invitation(request: HttpRequest, site: Site, data: frame.Data) -> Invitation:
    """Only the visitor who was invited; anybody else's number is as good as none."""
    key = _visit_key(request, site, data)
    found = (
        Invitation.objects.select_related(
            "agent", "visit__customer", "site", "subject", "queue", "rule"
        )
        .filter(pk=frame.number(data, "invitation"), visit__key=key, site=site)
        .exclude(state=Invitation.State.WITHHELD)
        .first()
    )
    if found is None:
        raise frame.Refused("unknown", 404)
    return found


@frame.door(limit=120)
def invitation(request: HttpRequest, data: frame.Data) -> frame.Data:
    """While the card is on the screen: is it still good? Or: the visitor said no."""
    found = _own_invitation(request, _site(data), data)
    if data.get("refuse") is True:
        invitations.refuse(found)
        return {"good": False}
    return {"good": invitations.still_good(found)}


def _before(site: Site, data: frame.Data) -> Chat | None:
    """The chat this visitor had before: its token is worth knowing even when it is over."""
    if not data.get("before"):
        return None
    try:
        return tokens.read_chat(data["before"], site_key=site.key, over=True)
    except tokens.BadToken:
        return None


def _proven(site: Site, data: frame.Data) -> identity.Proven | None:
    """Whom the site vouches for; a token that is not good says nothing, and the chat begins as
    anybody's."""
    token = data.get("identity")
    if not token or not isinstance(token, str):
        return None
    try:
        return identity.read(site, token)
    except identity.BadIdentity:
        return None


@frame.door(limit=20)
def start(request: HttpRequest, data: frame.Data) -> frame.Data:
    """Begin a chat: from an accepted invitation, or from the button with a first line."""
    site = _site(data)
    language = language_of(data.get("lang"), site)
    visit = _visit(request, site, data, language)
    user = panel.account(request, site)
    asking = conversations.Asking(
        key=frame.key(data, "key"),
        page_url=frame.text(data, "url", 500),
        page_title=frame.text(data, "title", 200),
        form=frame.mapping(data, "form"),
        language=language,
        device=visit.device,
        before=_before(site, data),
        proven=_proven(site, data) if user is None else None,
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
                subject=_subject(site, data),
                text=frame.said(data),
                client_id=frame.key(data, "client_id"),
                user=user,
            )
    except (conversations.CannotStart, conversations.PlaceGone):
        data["open"] = True
        return {"chat": None, "button": _button(request, site, data, language, visit)}
    except before.Incomplete as missing:
        return {"chat": None, "errors": missing.errors}
    except conversations.NotYours:
        raise frame.Refused("forbidden", 403) from None
    return {"chat": _opened(chat)}


def _opened(chat: Chat) -> frame.Data:
    return {"i": chat.pk, "token": tokens.for_chat(chat)}


def _own_chat(data: frame.Data) -> Chat:
    return tokens.read_chat(data.get("token"), site_key=frame.text(data, "site", 50))


@frame.door(limit=120)
def say(request: HttpRequest, data: frame.Data) -> frame.Data:
    """A line, where no socket gets through. The same line twice is stored once."""
    chat = _own_chat(data)
    client_id, text = frame.key(data, "client_id"), frame.said(data)
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


@frame.door(limit=30, file=True)
def file(request: HttpRequest, data: frame.Data) -> frame.Data:
    """A file, said like a line: the same `client_id` twice is stored once."""
    chat = _own_chat(data)
    given = data["file"]
    if given is None:
        raise frame.Refused("malformed")
    try:
        message = files.say(
            chat.interaction,
            author=Message.Author.CUSTOMER,
            file=given,
            client_id=frame.key(data, "client_id"),
        )
    except files.Refused as refused:
        raise frame.Refused(refused.code) from None
    return {"id": message.pk, "seq": message.customer_seq}


@frame.door(limit=120)
def links(request: HttpRequest, data: frame.Data) -> frame.Data:
    """Where the files of these messages are, for five minutes; without those no longer kept."""
    chat = _own_chat(data)
    asked = data.get("ids")
    if not isinstance(asked, list) or not all(type(key) is int for key in asked[:_MOST_LINKS]):
        raise frame.Refused("malformed")
    found = files.files_of(asked[:_MOST_LINKS], chat.pk)
    return {"links": {key: files.link(file) for key, file in found.items()}}


@frame.door(limit=120)
def lines(request: HttpRequest, data: frame.Data) -> frame.Data:
    """What changed since this number, where no socket gets through."""
    chat = _own_chat(data)
    return posting.catch_up(chat.pk, posting.CUSTOMER, frame.number(data, "after"))


@frame.door(limit=20)
def end(request: HttpRequest, data: frame.Data) -> frame.Data:
    """The visitor ends the chat."""
    chat = _own_chat(data)
    with translation.override(chat.interaction.language):
        conversations.end(chat)
    return {"at": clock.now().isoformat()}


@frame.door(limit=10)
def transcript(request: HttpRequest, data: frame.Data) -> frame.Data:
    """The conversation by mail, to the address the visitor gives."""
    chat = _own_chat(data)
    mail = frame.mail(data, "mail")
    try:
        letters.send_transcript(chat, mail)
    except letters.TooOften:
        raise frame.Refused("too_fast", 429) from None
    return {"mail": mail}
