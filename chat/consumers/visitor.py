"""One visitor's socket."""

import asyncio
from typing import Any, ClassVar

from django.conf import settings

from chat.models import Chat
from chat.services import buttons, pages, texts, tokens
from crm import clock
from crm.consumers import SocketConsumer, in_thread, lines
from crm.consumers.base import SESSION_OVER, VERSION, Fields, Frame
from crm.models import Message, Status
from crm.services import limits, posting, routing, wording
from crm.services.posting import Audience, Line

from . import guard

_MOST_UNSENT = 500
_HELLO_SECONDS = 10.0  # to show a token


class VisitorConsumer(SocketConsumer):
    """Whoever shows the token of a chat, and that chat only. The token comes in the first frame:
    addresses end in logs."""

    audience: ClassVar[Audience] = posting.CUSTOMER
    lines_pace: ClassVar[tuple[float, float]] = (10, 5.0)
    frames_pace: ClassVar[tuple[float, float]] = (60, 5.0)
    fields: ClassVar[dict[str, Fields]] = {
        **SocketConsumer.fields,
        "hello": {"token": (str, True), "site": (str, False), "after": (dict, False)},
        "typing": {"i": (int, True), "text": (str, False)},
        "page": {"i": (int, True), "url": (str, True), "title": (str, True)},
    }

    chat: Chat | None = None

    async def admit(self) -> int | None:
        self._token: tuple[str, str | None] = ("", None)
        self._late: asyncio.TimerHandle | None = None
        self._place: Frame = {}
        address = (self.scope.get("client") or [""])[0]
        allowed = await in_thread(
            limits.allow, "widget.socket", str(address), limit=settings.SOCKETS_A_MINUTE, seconds=60
        )
        if not allowed:
            return 4429
        self._late = asyncio.get_running_loop().call_later(_HELLO_SECONDS, self._too_late)
        return None

    def _too_late(self) -> None:
        if self.chat is None:
            self.shut(SESSION_OVER)

    async def on_hello(self, frame: Frame) -> None:
        """Who it is, and how far its screen has got. A socket stays with its first chat."""
        self._token = (frame["token"], frame.get("site"))
        chat = await in_thread(self._read_token)
        if chat is None or (self.chat is not None and chat.pk != self.chat.pk):
            self.over()
            return
        self.chat = chat
        self.put(await in_thread(self._welcome, chat))
        await self.follow(chat.pk, _after(frame, chat.pk))
        guard.watch(self, frame["token"])
        interaction = chat.interaction
        if interaction.status == Status.WAITING and interaction.queue_id:
            self._place = {}
            lines.watch(self, interaction.queue_id, chat.pk)

    def placed(self, interaction_id: int, line: routing.Line) -> None:
        """Their place, when it is another one, or what may be said of the wait."""
        if self.chat is None:
            return
        place = texts.place(line, interaction_id, self.chat.interaction.language)
        if place != self._place:
            self._place = place
            self.put({"t": "line", "i": interaction_id, **place})

    def _read_token(self) -> Chat | None:
        token, site_key = self._token
        try:
            return tokens.read_chat(token, site_key=site_key)
        except tokens.BadToken:
            return None

    def over(self) -> None:
        self.error("forbidden")
        self.shut(SESSION_OVER)

    def _welcome(self, chat: Chat) -> Frame:
        interaction = chat.interaction
        agent = interaction.agent
        return {
            "t": "welcome",
            "v": VERSION,
            "now": posting.iso(clock.now()),
            "i": chat.pk,
            "status": interaction.status,
            "ways": buttons.instead(interaction) if interaction.status == Status.WAITING else [],
            "agent": {
                "name": agent.display_name,
                "picture": posting.picture_url(agent.picture),
                "simulated": agent.is_simulated,
            }
            if agent
            else None,
        }

    async def on_page(self, frame: Frame) -> None:
        """Shown to whoever helps them, and to nobody else."""
        if frame["i"] not in self.streams or "\x00" in frame["url"] + frame["title"]:
            self.error("forbidden", frame)
        else:
            await in_thread(pages.moved, frame["i"], frame["url"][:500], frame["title"][:200])

    def line(self, frame: Frame) -> Line | str:
        if frame.get("kind") not in (None, Message.Kind.TEXT):
            return "malformed"
        if not frame["text"].strip():
            return "malformed"
        return Line(
            frame["i"], Message.Author.CUSTOMER, wording.masked(frame["text"]), frame["client_id"]
        )

    def speaker(self) -> dict[str, Any]:
        if self.chat is None:
            return {}
        return {"who": "customer", "name": str(self.chat.interaction.customer)}

    async def unsent(self, frame: Frame) -> Frame:
        """What they are writing, where their site lets it be read; masked like what is sent."""
        text = (frame.get("text") or "")[:_MOST_UNSENT]
        if not text or self.chat is None or not self.chat.site.shows_unsent:
            return {}
        return {"text": await in_thread(wording.masked, text)}

    def author(self) -> dict[str, Any]:
        return {"author": Message.Author.CUSTOMER} if self.chat is not None else {}

    def mark_read(self, interaction_id: int, seq: int) -> bool:
        chat = self.chat
        return chat is not None and posting.mark_read(
            interaction_id, seq, customer_id=chat.interaction.customer_id
        )

    async def left(self) -> None:
        guard.unwatch(self)
        lines.unwatch(self)
        if self._late is not None:
            self._late.cancel()


def _after(frame: Frame, key: int) -> int:
    seq = (frame.get("after") or {}).get(str(key), 0)
    return seq if type(seq) is int and 0 <= seq < 2**53 else 0
