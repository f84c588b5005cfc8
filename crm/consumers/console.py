"""/ws/console/: what an agent's desk hears and says."""

import asyncio
import time
from importlib import import_module
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from crm import clock, hub
from crm.models import Agent, AgentState, Interaction, Message, Queue
from crm.services import access, noting, pauses, posting, presence, rights, wording, writer
from crm.services.posting import Answer, Audience, Line, Posted

from .base import SESSION_OVER, VERSION, Fields, Frame, SocketConsumer, in_thread

_CHECK_SECONDS = 10.0  # is the session still good, and is anybody there?
_BEAT_SECONDS = 8.0  # heartbeats are kept no oftener


class ConsoleConsumer(SocketConsumer):
    """Staff only, behind their second factor; they follow what they may see. Without an agent's
    profile (a manager, an auditor) they read and say nothing."""

    audience: ClassVar[Audience] = posting.STAFF
    fields: ClassVar[dict[str, Fields]] = {
        **SocketConsumer.fields,
        "hello": {"after": (dict, False)},
        "open": {"i": (int, True), "after": (int, False)},
        "leave": {"i": (int, True)},
        "look": {"i": (int, True), "writing": (bool, False)},
        "pong": {},
        "beat": {},
        "state": {"state": (str, True), "reason": (str, False)},
    }

    agent: Agent | None = None

    async def admit(self) -> int | None:
        self._beaten = 0.0
        self._guard_task: asyncio.Task[None] | None = None
        return None if await in_thread(self._may_enter) else SESSION_OVER

    def _may_enter(self) -> bool:
        """The session as it is in the database now: called again while the socket lives."""
        user = self._user()
        if user is None:
            return False
        self.user = user
        self.agent = access.agent_of(user)
        return self.agent is not None or user.has_perm("crm.view_interaction")

    def _user(self) -> Any:
        old = self.scope.get("session")
        if old is None or not old.session_key:
            return None
        request = HttpRequest()
        engine = import_module(settings.SESSION_ENGINE)
        request.session = engine.SessionStore(old.session_key)
        user = auth.get_user(request)  # checks the password's hash too
        if not user.is_authenticated:
            return None
        return user if access.may_work(user, request.session) else None

    async def on_hello(self, frame: Frame) -> None:
        """Subscribe; then what was missed in each interaction of `after` that may be seen."""
        first = self._guard_task is None
        if first:
            self._guard_task = asyncio.get_running_loop().create_task(self._guard())
            await self._subscribe()
        agent = self.agent
        self.put(
            {
                "t": "welcome",
                "v": VERSION,
                "now": posting.iso(clock.now()),
                "agent": {"id": agent.pk, "name": agent.display_name} if agent else None,
            }
        )
        await self._beat()
        after = _numbers(frame.get("after") or {})
        visible = await in_thread(self._visible, list(after))
        for interaction_id, seq in after.items():
            if interaction_id in visible:
                await self.follow(interaction_id, seq)
            else:
                self.error("forbidden", {"i": interaction_id})

    async def _subscribe(self) -> None:
        groups = ["desk", *await in_thread(self._own_groups)]
        hub.current().join(self.mailbox, *groups)

    def _own_groups(self) -> list[str]:
        own = [f"agent:{self.agent.pk}"] if self.agent else []
        queues = Queue.objects.all()
        if not rights.sees_all(self.user):
            queues = self.agent.queues.all() if self.agent else queues.none()
        return [*own, *(f"queue:{key}" for key in queues.values_list("pk", flat=True))]

    def _visible(self, keys: list[int]) -> set[int]:
        seen = Interaction.objects.visible_to(self.user).filter(pk__in=keys)
        return set(seen.values_list("pk", flat=True))

    async def on_open(self, frame: Frame) -> None:
        if await in_thread(self._visible, [frame["i"]]):
            await self.follow(frame["i"], frame.get("after") or 0)
        else:
            self.error("forbidden", frame)

    async def on_leave(self, frame: Frame) -> None:
        if frame["i"] in self.streams:
            self._shows(frame["i"], gone=True)
        self.unfollow(frame["i"])

    async def on_look(self, frame: Frame) -> None:
        """Who has this on the screen, for whoever else has; never stored, and forgotten by the
        screens when it is not said again."""
        if frame["i"] in self.streams:
            self._shows(frame["i"], writing=bool(frame.get("writing")))
        else:
            self.error("forbidden", frame)

    def _shows(self, interaction_id: int, **how: bool) -> None:
        name = self.agent.display_name if self.agent else self.user.get_short_name()
        frame = {"t": "look", "i": interaction_id, "user": self.user.pk, "name": name, **how}
        writer.show([(f"i:{interaction_id}:{posting.STAFF}", frame)])

    def line(self, frame: Frame) -> Line | str:
        kind = frame.get("kind") or Message.Kind.TEXT
        if self.agent is None:
            return "forbidden"
        if kind not in (Message.Kind.TEXT, Message.Kind.NOTE):
            return "malformed"
        if kind == Message.Kind.TEXT and wording.stop(frame["text"]):
            return "stopped"
        return Line(
            frame["i"],
            Message.Author.AGENT,
            wording.masked(frame["text"]),
            frame["client_id"],
            kind,
            agent_id=self.agent.pk,
        )

    async def on_edit(self, frame: Frame) -> None:
        if await in_thread(wording.stop, frame["text"]):
            self.error("stopped", frame)
        else:
            await super().on_edit(frame)

    def _answer(self, answer: Answer) -> None:
        super()._answer(answer)
        line = answer.line
        if isinstance(answer, Posted) and line.kind == Message.Kind.NOTE and "@" in line.text:
            self._telling = asyncio.ensure_future(in_thread(noting.tell_named, answer.id))

    def speaker(self) -> dict[str, Any]:
        if self.agent is None:
            return {}
        return {"who": "agent", "name": self.agent.display_name, "agent": self.agent.pk}

    def author(self) -> dict[str, Any]:
        if self.agent is None:
            return {}
        return {"author": Message.Author.AGENT, "agent_id": self.agent.pk}

    def mark_read(self, interaction_id: int, seq: int) -> bool:
        agent = self.agent
        return agent is not None and posting.mark_read(interaction_id, seq, agent_id=agent.pk)

    # -- presence

    async def on_ping(self, frame: Frame) -> None:
        await super().on_ping(frame)
        await self._beat()

    async def on_pong(self, frame: Frame) -> None:
        await self._beat()

    async def on_beat(self, frame: Frame) -> None:
        await self._beat()

    async def _beat(self) -> None:
        now = time.monotonic()
        if self.agent is not None and now - self._beaten >= _BEAT_SECONDS:
            self._beaten = now
            await in_thread(presence.beat, self.agent)

    async def on_state(self, frame: Frame) -> None:
        if self.agent is None:
            self.error("forbidden", frame)
        elif frame["state"] not in AgentState.BY_HAND:
            self.error("malformed", frame)
        else:
            self.put({"t": "state", "state": await in_thread(self._say_state, frame)})

    def _say_state(self, frame: Frame) -> str:
        assert self.agent is not None  # noqa: S101 (on_state asked)
        pauses.say_state(self.agent, frame["state"], reason=(frame.get("reason") or "")[:80])
        return presence.state_of(self.agent)

    # -- the watch

    async def _guard(self) -> None:
        """Logged out, dismissed or without a right: the socket hears it within seconds. We ask,
        the page answers: browsers slow the timers of hidden pages, not their sockets."""
        while True:
            await asyncio.sleep(_CHECK_SECONDS)
            try:
                allowed = await in_thread(self._may_enter)
                seen = await in_thread(self._visible, list(self.streams)) if allowed else set()
            except Exception as error:  # no database: the next round tells
                hub.log.warning("a session could not be checked: %s", type(error).__name__)
                continue
            if not allowed:
                self.shut(SESSION_OVER)
                return
            for gone in self.streams - seen:
                self.unfollow(gone)
                self.error("forbidden", {"i": gone})
            self.put({"t": "ping"})

    async def left(self) -> None:
        if self._guard_task is not None:
            self._guard_task.cancel()


def _numbers(after: dict[str, Any]) -> dict[int, int]:
    """{"42": 7} → {42: 7}; what is no number is left out."""
    return {
        int(key): seq
        for key, seq in list(after.items())[:200]
        if key.isascii()
        and key.isdigit()
        and len(key) < 16
        and type(seq) is int
        and 0 <= seq < 2**53
    }
