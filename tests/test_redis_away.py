"""Redis holds hints only: without it everything answers, and when it is back screens catch up."""

import json
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from chat.models import Site
from chat.services import conversations, tokens
from config.demo import links
from crm.models import Interaction, Message, Status
from crm.services import journeys, limits
from tests.servers import OwnRedis, Web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("demo")]

SHOP = "https://boutique.example"
SECONDS = 30.0  # what a loaded machine may need; none of our waits is near it


@pytest.fixture
def folder() -> Iterator[Path]:
    # not tmp_path: a socket's path must stay short
    with tempfile.TemporaryDirectory(prefix="bravo-redis-") as name:
        yield Path(name)


@pytest.fixture
def web(transactional_db: None, folder: Path) -> Iterator[Callable[..., list[Web]]]:
    started: list[Web] = []

    def start(redis_url: str, count: int = 1) -> list[Web]:
        started.extend(Web(redis_url, folder / f"web{n}.log") for n in range(count))
        return [one.wait_ready() for one in started]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def chat(ada, remote, bea, at_work):
    """Ada's chat, in Bea's hands."""
    limits.forget()
    at_work(bea)
    shop = Site.objects.create(key="boutique", name="Boutique", origins=[SHOP])
    visit = journeys.visit(journeys.new_key(), site_key=shop.key)
    return conversations.start(
        shop,
        visit,
        conversations.Asking(key="start-key-1"),
        subject=remote,
        text="Bonjour",
        client_id="line-key-1",
    )


@pytest.fixture
def dial() -> Iterator[Callable[..., "Line"]]:
    with ExitStack() as open_lines:

        def call(web: Web, path: str, **headers: str) -> Line:
            origin: Any = f"http://localhost:{web.port}"
            connection = connect(
                web.socket_url(path),
                origin=origin,
                additional_headers=headers,
                open_timeout=SECONDS,
                compression=None,
                proxy=None,
            )
            return Line(open_lines.enter_context(connection))

        yield call


class Line:
    """One open socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.heard = False

    def send(self, **frame: Any) -> None:
        self.connection.send(json.dumps(frame))

    def hear(self, *kinds: str) -> dict[str, Any]:
        """The next frame of these kinds; others are passed over."""
        deadline = time.monotonic() + SECONDS
        while True:
            left = max(0.0, deadline - time.monotonic())
            frame: dict[str, Any] = json.loads(self.connection.recv(left))
            assert frame["t"] != "error", frame
            if frame["t"] in kinds:
                return frame

    def say(self, chat: Any, text: str) -> int:
        """Answers the number the line got."""
        self.send(t="say", i=chat.pk, client_id=str(uuid.uuid4()), text=text)
        return int(self.hear("ack")["seq"])

    def hear_or_catch_up(self, chat: Any, text: str, after: int) -> None:
        """As a screen does it: `heard` tells whether the frame came by itself."""
        while True:
            frame = self.hear("message", "again", "since")
            if frame["t"] == "again":
                self.send(t="open", i=chat.pk, after=after)
                continue
            self.heard = frame["t"] == "message"
            frames = [frame] if self.heard else frame["frames"]
            if text in [one["m"]["text"] for one in frames]:
                return

    def hear_said(self, text: str) -> None:
        while self.hear("message")["m"]["text"] != text:
            pass


def sign_in_bea(web: Web) -> Any:
    door = web.door()
    door.get(links.link("agent"))
    return door


def bea_opens(line: Line, chat: Any, after: int = 0) -> list[str]:
    """What her screen shows once it has asked for what followed `after`."""
    line.send(t="hello", after={str(chat.pk): after})
    line.hear("welcome")
    line.send(t="open", i=chat.pk, after=after)
    frames = line.hear("since")["frames"]
    return [frame["m"]["text"] for frame in frames if frame["m"]["kind"] == "text"]


def test_without_redis_people_sign_in_read_search_and_talk(web, folder, chat, bea, dial) -> None:
    from tests.selfcare.helpdesk import write

    article = write("Ma télécommande ne répond plus", "<p>Changez les piles.</p>")
    (server,) = web(f"unix://{folder / 'nobody.sock'}?db=0")

    reader = server.door()
    assert "Changez les piles" in reader.get(f"/fr/article/{article.slug}/").decode()
    assert article.title in reader.get("/fr/search/?q=telecomande").decode()
    assert article.title in str(reader.get("/fr/complete/?q=telec"))

    door = sign_in_bea(server)
    assert "Bea" in door.get("/console/desk/").decode()
    assert door.get("/console/") is not None

    desk = dial(server, "/ws/console/", **door.headers())
    assert bea_opens(desk, chat) == ["Bonjour"]
    visitor = dial(server, "/ws/visitor/")
    visitor.send(t="hello", token=tokens.for_chat(chat), after={str(chat.pk): 0})
    visitor.hear("since")

    # one web process serves its own sockets: nothing of this needs Redis
    visitor.say(chat, "Le volume ne marche pas")
    desk.hear_said("Le volume ne marche pas")
    seen = desk.say(chat, "Avez-vous changé les piles ?")
    visitor.hear_said("Avez-vous changé les piles ?")
    visitor.say(chat, "Oui, hier")

    again = dial(server, "/ws/console/", **door.headers())
    assert bea_opens(again, chat, after=seen) == ["Oui, hier"]
    assert Message.objects.filter(interaction=chat.pk, kind="text").count() == 4

    door.post(f"/console/desk/{chat.pk}/close/", outcome="solved")  # tasks follow: no broker
    assert Interaction.objects.get(pk=chat.pk).status == Status.CLOSED


def test_limits_still_hold_without_redis(settings, folder) -> None:
    settings.REDIS_URL = f"unix://{folder / 'nobody.sock'}?db=0"
    limits.forget()
    try:
        answers = [limits.allow("test", "ada", limit=2, seconds=3600) for _ in range(4)]
    finally:
        limits.forget()
    assert answers == [True, True, False, False]


def test_a_killed_redis_comes_back_and_frames_flow_between_processes(
    web, folder, chat, bea, dial
) -> None:
    redis = OwnRedis(folder).start()
    try:
        beas, adas = web(redis.url, count=2)
        door = sign_in_bea(beas)
        desk = dial(beas, "/ws/console/", **door.headers())
        bea_opens(desk, chat)
        visitor = dial(adas, "/ws/visitor/")
        visitor.send(t="hello", token=tokens.for_chat(chat), after={str(chat.pk): 0})
        visitor.hear("since")
        seen = visitor.say(chat, "Avant la panne")
        desk.hear_said("Avant la panne")

        redis.kill()
        visitor.say(chat, "Pendant la panne")  # acknowledged: it is stored
        redis.start()
        desk.hear("again")
        assert "Pendant la panne" in bea_opens(desk, chat, after=seen)

        # Ada's server still leaves Redis alone for a moment: its lines are caught up on
        seen = visitor.say(chat, "Juste après")
        desk.hear_or_catch_up(chat, "Juste après", seen - 1)
        while not desk.heard:
            visitor.say(chat, "Après la panne")
            desk.hear_or_catch_up(chat, "Après la panne", seen)
    finally:
        redis.kill()
