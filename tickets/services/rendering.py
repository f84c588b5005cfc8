"""An outgoing mail's words: from templates, in its reader's language. Writes nothing."""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import translation
from django.utils.formats import date_format
from django.utils.safestring import mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from crm import clock
from crm.models import Interaction, Message, ReplyTemplate
from crm.services import templates
from crm.text import without_pictures
from tickets.mail import compose, markup
from tickets.models import Mail, Mailbox

QUOTED_LINES = 60
_URL = re.compile(r"^(https?://\S+)$")
_GREETED = re.compile(
    r"^\W*(?:bonjour|bonsoir|ch[eè]re?s?|madame|monsieur|hello|hi|dear|good\s+\w+)\b", re.IGNORECASE
)


def from_template(
    template: str, context: Mapping[str, Any], mailbox: Mailbox | None, language: str
) -> tuple[str, str, str]:
    """(subject, text, HTML); no HTML where the template has none of its own (`dressed`)."""
    with translation.override(language):
        subject, text = _render_text(template, context, mailbox)
        html = _own_html(template, {**context, "subject": subject}, mailbox, language)
    return subject, text, html


def dressed(mail: Mail) -> str:
    """Its HTML; of one that has only words, those in our layout, the first bare link as the button:
    made when it leaves, not kept."""
    if mail.html or not mail.template:
        return mail.html
    with translation.override(mail.language):
        base = _base_context(mail.mailbox, mail.language)
        words = {"subject": mail.subject, "blocks": _blocks(mail.text)}
        return str(get_template("tickets/mail/plain.html").render({**base, **words}))


def answer(
    interaction: Interaction, message: Message, mailbox: Mailbox | None
) -> tuple[str, str, str]:
    """(subject, text, HTML) of what an agent says: with greeting, signature and quotation."""
    with translation.override(interaction.language):
        context = _answer_context(interaction, message, mailbox)
        text = _plain("tickets/mail/answer.txt", context)
        html = get_template("tickets/mail/answer.html").render(context)
        title = compose.one_line(interaction.title, 200) or _("Your request")
    return f"Re: {title} [{interaction.reference}]", text, html


def sample(template: ReplyTemplate, language: str) -> str:
    """A reply template as the mail it becomes, with an invented customer's words."""
    mailbox = Mailbox.objects.filter(is_active=True).order_by("pk").first()
    with translation.override(language):
        base = _base_context(mailbox, language)
        known = {
            "greeting": templates.greeting(language, clock.now()),
            "name": "Ada Lenoir",
            "reference": "2611-0042",
            "title": _("Your request"),
            "subject": _("Your request"),
            "queue": template.queue.name_in(language) if template.queue else base["sender"],
            "agent": "Bea",
        }
        text = templates.with_values(template.text(language), known)
        context = {
            **base,
            **_words(text, known["name"], {}),
            "agent": known["agent"],
            "signature": mailbox.signature(language) if mailbox else "",
            "reference": known["reference"],
        }
        return str(get_template("tickets/mail/answer.html").render(context))


def _plain(name: str, context: Mapping[str, Any]) -> str:
    """Text is text: nothing is escaped."""
    template: Any = get_template(name)
    return str(template.template.render(Context(dict(context), autoescape=False))).strip() + "\n"


def _base_context(mailbox: Mailbox | None, language: str) -> dict[str, Any]:
    sender = mailbox.shown_name if mailbox else compose.installation_sender()[0]
    return {"sender": sender, "language": language, "PORTAL_URL": settings.PORTAL_URL}


def _render_text(
    template: str, context: Mapping[str, Any], mailbox: Mailbox | None
) -> tuple[str, str]:
    base = _base_context(mailbox, translation.get_language() or "fr")
    rendered = _plain(f"{template}.txt", {**base, **context}).lstrip()
    first, _newline, rest = rendered.partition("\n")
    if not first.lower().startswith("subject:"):
        raise ValueError(f"{template}.txt does not begin with a Subject: line")
    return first.partition(":")[2].strip(), rest.strip() + "\n"


def _own_html(
    template: str, context: Mapping[str, Any], mailbox: Mailbox | None, language: str
) -> str:
    try:
        page = get_template(f"{template}.html")
    except TemplateDoesNotExist:
        return ""
    return str(page.render({**_base_context(mailbox, language), **context}))


def _blocks(text: str) -> list[dict[str, str]]:
    blocks: list[dict[str, str]] = []
    has_button = False
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        said: list[str] = []
        links: list[str] = []
        for line in paragraph.splitlines():
            (links if _URL.match(line.strip()) else said).append(line.strip())
        if said:
            blocks.append({"text": "\n".join(said)})
        for link in links:
            blocks.append({"link": link} if has_button else {"button": link})
            has_button = True
    return blocks


def _answer_context(
    interaction: Interaction, message: Message, mailbox: Mailbox | None
) -> dict[str, Any]:
    language = interaction.language
    name = interaction.customer.addressed(language)
    body = message.body or {}
    text = message.text or str(body.get("text") or body.get("title") or body.get("question") or "")
    return {
        **_base_context(mailbox, language),
        **_words(text, name, _pictures(message)),
        "agent": message.agent.display_name if message.agent else "",
        "signature": mailbox.signature(language) if mailbox else "",
        "reference": interaction.reference,
        "button_url": _absolute(str(body.get("url") or "")),
        "button_label": str(body.get("label") or body.get("button") or _("Open")),
        **_quote(interaction),
    }


def _words(text: str, name: str, pictures: Mapping[str, str]) -> dict[str, str]:
    """What was written, both ways, and a greeting where there is none."""
    greeting = _("Hello %(name)s,") % {"name": name} if name else _("Hello,")
    return {
        "text": without_pictures(text),
        "letter": mark_safe(markup.to_html(text, pictures)),  # noqa: S308 (made by our rules)
        "greeting": "" if _GREETED.match(text) else greeting,
    }


def _pictures(message: Message) -> dict[str, str]:
    """Those among its files that the text shows."""
    if message.pk is None:
        return {}
    rows = message.attachments.exclude(inline_id="")
    return {row.name: row.inline_id for row in rows}


def _absolute(url: str) -> str:
    return settings.PORTAL_URL + url if url.startswith("/") else url


def _quote(interaction: Interaction) -> dict[str, Any]:
    """What the customer wrote last, under a line that mail programs and we ourselves recognise."""
    last = (
        Mail.objects.inbound()
        .filter(
            interaction=interaction,
            state=Mail.State.FILED,
            verdict="accept",
            message__author=Message.Author.CUSTOMER,
            message__customer_seq__isnull=False,
        )
        .select_related("message")
        .order_by("-pk")
        .first()
    )
    if last is None or last.message is None:
        return {"quote": []}
    at = localtime(last.created_at)
    who = last.from_name or last.from_email
    lines = last.message.text.splitlines()
    return {
        "quote": lines[:QUOTED_LINES] + (["[…]"] if len(lines) > QUOTED_LINES else []),
        "quote_head": _("On %(date)s, %(name)s wrote:")
        % {"date": date_format(at, "DATETIME_FORMAT"), "name": who},
    }
