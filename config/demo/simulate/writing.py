"""Somebody writes a mail, reads what comes back, answers the answer, or rates."""

import asyncio
import logging
import re
import smtplib
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP, default
from email.utils import formataddr, make_msgid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from config.demo import marks
from config.demo.history.volumes import subjects
from crm import clock

from . import letters
from .browser import LOST, Browser, Refused
from .chatting import opinion
from .people import Person

log = logging.getLogger(__name__)

_MAILBOXES = {"box": "assistance", "mobile": "mobile", "billing": "factures", "sales": "conseil"}
_ANSWERS, _RATES = 0.35, 0.3
_LOOK_SECONDS = 4.0
_WAITS_SECONDS = 900.0
_SURVEY = re.compile(r"https?://[^\s\"<>]+/avis/[^\s\"<>/]+/")


class Postman:
    """Looks into the demo's mail catcher for everybody who waits for a mail."""

    def __init__(self, door: Browser) -> None:
        self.door = door
        self.boxes: dict[str, asyncio.Queue[Message]] = {}
        self.seen: set[str] = set()

    async def run(self) -> None:
        while True:
            try:
                if self.boxes:
                    await self._round()
            except (*LOST, Refused):
                pass  # the server is away; the mails wait
            except Exception:
                log.exception("the postman stumbled")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _round(self) -> None:
        shown = (await self.door.get(f"/catcher/list/?q=@{marks.DOMAIN}")).text
        rows = re.findall(r'/catcher/([\w-]+)/[^>]*>\s*<span class="to">(.*?)</span>', shown)
        for key, to in reversed(rows):
            if key in self.seen:
                continue
            self.seen.add(key)
            if box := self.boxes.get(to.strip()):
                raw = (await self.door.get(f"/catcher/{key}/source/")).body
                box.put_nowait(message_from_bytes(raw, policy=default))


async def write(person: Person, subject: str, postman: Postman) -> None:
    title, body = letters.request(person.rng, subject, person.language, person.named.name)
    to = f"{_MAILBOXES[subjects()[subject]['queue']]}@lumio.example"
    box = postman.boxes.setdefault(person.named.mail, asyncio.Queue())
    try:
        first = await _post(person, to, title, body)
        async with asyncio.timeout(_WAITS_SECONDS):
            await _correspond(person, box, first)
    except TimeoutError:
        pass  # somebody who gave up hope of an answer
    finally:
        postman.boxes.pop(person.named.mail, None)


async def _correspond(person: Person, box: "asyncio.Queue[Message]", first: str) -> None:
    """Until the survey is there, or nothing more is to be said."""
    answers = _ANSWERS
    while True:
        mail: Any = await box.get()
        text = mail.get_body(("plain",)).get_content() if mail.get_body(("plain",)) else ""
        if link := _SURVEY.search(text):
            await _rate(person, link.group())
            return
        is_answer = mail.get("Auto-Submitted", "no") == "no" and first in str(mail["References"])
        if is_answer:
            person.ledger.write("got", message_id=str(mail["Message-ID"]), first=first, text=text)
        if is_answer and person.rng.random() < answers:
            answers = 0.0
            await person.pace.about(30.0)
            said = letters.more(person.rng, person.language, person.named.name)
            title = str(mail["Subject"])
            title = title if title.lower().startswith("re:") else f"Re: {title}"
            to = mail["Reply-To"] or mail["From"]
            await _post(person, to.addresses[0].addr_spec, title, said, answers=mail)


async def _post(
    person: Person, to: str, title: str, body: str, answers: Message | None = None
) -> str:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((person.named.name, person.named.mail))
    mail["To"], mail["Subject"], mail["Date"] = to, title, clock.now()
    mail["Message-ID"] = make_msgid(domain=marks.DOMAIN)
    before = str(answers["Message-ID"]) if answers is not None else ""
    if answers is not None:
        mail["In-Reply-To"] = before
        thread = str(answers.get("References", "")).split()
        mail["References"] = " ".join([*thread[-10:], before])
    mail.set_content(body)
    key = str(mail["Message-ID"])
    person.ledger.write("mail", message_id=key, title=title, answers=before)
    await _hand_over(mail)
    person.ledger.write("mailed", message_id=key)
    return key


async def _hand_over(mail: EmailMessage) -> None:
    """As a mail server does: again until it is taken. A second copy changes nothing."""
    while True:
        try:
            await asyncio.to_thread(_by_smtp, mail)
            return
        except (smtplib.SMTPException, OSError):
            await asyncio.sleep(2.0)


def _by_smtp(mail: EmailMessage) -> None:
    host, _colon, port = settings.MAIL_LISTEN.rpartition(":")
    with smtplib.SMTP(host or "127.0.0.1", int(port), timeout=10) as server:
        server.send_message(mail)


async def _rate(person: Person, link: str) -> None:
    if person.rng.random() > _RATES:
        return
    await person.pace.about(8.0)
    page = await person.get(urlsplit(link).path)
    found = re.search(r"/avis/(\d+)/", page.where)
    if found is None:
        return
    given = {name: str(value) for name, value in opinion(person.rng, person.language).items()}
    person.ledger.write("vote", invitation=int(found.group(1)), **given)
    await person.form(page.where, **given)
    person.ledger.write("voted", invitation=int(found.group(1)), **given)
