"""What single scripts of the screens promise, whatever the moment."""

import json

from playwright.sync_api import expect

from tests.journeys import people
from tests.journeys.scripts import alone

BUTTON = {
    **{"state": "open", "label": "Chat", "detail": "", "fixed": True},
    # meanwhile there is nobody for a chat that was not invited
    **{"can_chat": False, "ways": [], "news": []},
}
CONFIG = {
    **{"socket": "/socket", "maxLine": 100},
    "texts": {"accept": "Yes, {name}", "invitation": "{name} asks", "place_gone": "Taken"},
    "doors": "/",
}
WIDGET = f"""<!doctype html><title>widget</title><body>
<script id="config" type="application/json">{json.dumps(CONFIG)}</script>
<script type="module" src="/chat/frame.js"></script>"""
INVITATION = {"id": 7, "name": "Bea", "picture": "", "question": "May I help?", "seconds": 60}
PAGE = {"url": "http://alone.localhost/", "title": "", "referrer": ""}


def test_a_yes_to_an_invitation_counts_although_the_page_changes_in_that_moment():
    doors = {
        "visit": {"visit": "v", "ask_at": 1, "watch": {}, "button": BUTTON},
        "invite": {"invitation": INVITATION, "again": None},
        "start": {"chat": {"token": "a-token-of-a-chat"}},
    }
    with alone(WIDGET, **doors) as page:

        def host(name, **more):
            page.evaluate("said => postMessage(said)", {"bravo": name, **more})

        host("init", page=PAGE, seconds=0, memo={}, refused=False, consent=False)
        expect(page.locator(".now.open")).to_be_attached()  # its answer is read
        host("tick", seconds=2, typing=False, scroll=0)
        yes = page.locator(".invitation button.yes")
        expect(yes).to_be_visible()
        with page.expect_request("**/start", timeout=5000) as start:
            yes.click()
            host("page", page=PAGE)
            host("opened", focus=True)
        assert start.value.post_data_json["invitation"] == INVITATION["id"]
        expect(page.locator("textarea")).to_be_visible()


def test_a_beginning_whose_answer_is_lost_is_asked_again_by_the_same_keys():
    open_now = {**BUTTON, "can_chat": True}
    doors = {
        "visit": {"visit": "v", "ask_at": None, "watch": {}, "button": open_now},
        "start": {"chat": {"token": "a-token-of-a-chat"}},
    }
    asked = []

    def lose_the_first(route):
        asked.append(route.request.post_data_json)
        route.abort() if len(asked) == 1 else route.fallback()

    with alone(WIDGET, **doors) as page:
        page.route("**/start", lose_the_first)
        page.evaluate(
            "said => postMessage(said)",
            {"bravo": "init", "page": PAGE, "seconds": 0, "memo": {}, "consent": False},
        )
        page.locator("textarea").fill("Bonjour")
        # the one that was lost fails; three seconds later its twin comes through
        with page.expect_event("requestfinished", lambda one: one.url.endswith("/start")):
            page.locator("textarea").press("Enter")
    assert [one["key"] for one in asked] == [asked[0]["key"]] * 2
    assert [one["client_id"] for one in asked] == [asked[0]["client_id"]] * 2


def test_the_line_on_the_desk_is_the_line_that_is_served():
    """A step of priority is ten minutes of waiting, neither more nor less."""
    waits = [(1, 0, "09:00"), (2, 1, "09:05"), (3, 2, "09:30"), (4, 0, "09:11")]
    rows = [
        {"i": i, "status": "waiting", "priority": priority, "queue": None}
        | {"waiting_since": f"2026-11-22T{hour}:00+00:00", "assistants": [], "named": []}
        for i, priority, hour in waits
    ]
    state = {"me": {"id": 1, "queues": None}, "rows": {row["i"]: row for row in rows}}
    with alone() as page:
        line = page.evaluate(
            "async state => (await import('/crm/desk/order.js')).listed(state).waiting", state
        )
    # as if since 08:55, 09:00, 09:10 and 09:11
    assert [row["i"] for row in line] == [2, 1, 3, 4]


FEED = """async () => {
  const { Feed } = await import("/crm/desk/feed.js");
  window.feed = new Feed({ url: "/ws/desk/", store: null, onFrame: () => {} });
  feed.follow(1, 5);
}"""


def test_what_is_opened_while_the_socket_begins_is_followed():
    """By the address with which the page was opened, for example."""
    said, servers = [], []

    def answers(socket):
        servers.append(socket)
        socket.on_message(lambda text: said.append(json.loads(text)))

    with alone() as page:
        page.route_web_socket("**/ws/desk/", answers)
        page.evaluate(FEED)
        people.wait_for(page, 10, lambda: said)
        page.evaluate("feed.follow(7, 3)")
        servers[0].send(json.dumps({"t": "welcome"}))
        people.wait_for(page, 10, lambda: len(said) > 1)
    assert said == [{"t": "hello", "after": {"1": 5}}, {"t": "open", "i": 7, "after": 3}]


GUIDE = {
    **{"greeting": True, "name": True, "formal": True, "capitals": True, "closing": True},
    **{"exclamations": 1, "words": 12, "closings": {"fr": "Bonne journée.", "en": ""}},
}
LETTER = {"language": "fr", "letter": True, "first": True, "name": "Madame Lenoir"}


def test_the_tone_guide_hints_by_example_and_the_spaces_of_french_set_themselves():
    chat = {**LETTER, "letter": False, "first": False, "hello": "Bonjour"}
    first = {**chat, "first": True}
    said = [
        ("Il faut redémarrer la box.", first, [("greeting", "Bonjour Madame Lenoir,")]),
        ("Bonjour, il faut redémarrer.", first, [("name", "Bonjour Madame Lenoir,")]),
        ("Bonjour Madame Lenoir, je regarde.", first, []),
        ("Il faut redémarrer la box.", chat, []),
        ("Tu peux regarder ta box.", chat, [("formal", "vous")]),
        ("Votre contact est là.", chat, []),  # no "ta" within a word
        ("Could you hold ta?", {**chat, "language": "en"}, []),
        ("Cliquez sur le BOUTON ROUGE.", chat, [("capitals", "bouton rouge")]),
        ("Le code PUK de la SIM.", chat, []),
        ("Super !! Merci !", chat, [("exclamations", "Super.")]),
        (
            "Je regarde votre ligne tout de suite, et je vous dis ce que je vois bientôt.",
            chat,
            [("long", "ligne tout de suite.")],
        ),
        ("Bonjour Madame Lenoir, je regarde. " * 4, {**LETTER, "hello": "Bonjour"},
         [("closing", "Bonne journée.")]),
    ]  # fmt: skip
    typed = [
        ("Ça va ? Oui! Voici : « là »", "Ça va\u00a0? Oui\u00a0! Voici\u00a0: «\u00a0là\u00a0»"),
        ("à 10:30, https://a.example/?b;c :)", "à 10:30, https://a.example/?b;c :)"),
    ]
    with alone() as page:
        module = "const tone = await import('/crm/desk/tone.js');"
        found = page.evaluate(
            f"async ([said, guide]) => {{ {module} return said.map(([text, where]) => "
            "tone.hints(text, guide, where).map((one) => [one.code, one.example])); }",
            [[(text, where) for text, where, _hints in said], GUIDE],
        )
        spaced = page.evaluate(
            f"async (texts) => {{ {module} return texts.map(tone.frenchSpaces); }}",
            [text for text, _spaced in typed],
        )
    for (text, _where, hints), got in zip(said, found, strict=True):
        assert [tuple(one) for one in got] == hints, text
    assert spaced == [after for _before, after in typed]


def test_a_chat_line_can_be_taken_back_until_the_next_one_leaves():
    with alone() as page:
        found = page.evaluate("""async () => {
          const { Saying } = await import("/crm/desk/saying.js");
          const [said, back] = [[], []];
          const feed = { ready: true, say: (i, key, text) => said.push(text) };
          const rows = { 1: { channel: "chat" } };
          const desk = { state: () => ({ rows, unsent: {} }), change: () => 0, sent: () => 0,
                         failed: () => 0, write: (i, text) => back.push(text) };
          const letters = { take: () => ({ cc: "", bcc: "", files: [] }), sent: () => 0 };
          const setup = { channels: { chat: { live: true } } };
          const make = () => new Saying(setup, {}, feed, desk, letters);
          const saying = make();
          const send = (text) => saying.send(1, text, "text", "", false);
          send("wrong window");
          const undone = saying.undo(1);
          send("one");
          send("two");
          const before = [...said];
          saying.flush();
          send("the machine dies");
          make();
          await null;
          return { undone, late: saying.undo(2), before, said, back };
        }""")
    assert found["undone"]
    assert not found["late"]
    assert found["before"] == ["one"]  # what was said next sends it
    assert found["said"] == ["one", "two"]
    assert found["back"] == ["wrong window", "the machine dies"]


def test_words_that_name_the_customer_of_another_chat_are_asked_about():
    here = {"i": 1, "ref": "2611-0001", "customer": {"id": 1, "name": "Ada Lenoir"}}
    there = {"i": 2, "ref": "2611-0042", "customer": {"id": 2, "name": "Frank Spencer"}}
    texts = {
        "Bonjour Monsieur SPENCER": True,
        "Votre demande 2611-0042": True,
        "Je vous rappelle au 01 99 00 12 34": True,
        "Bonjour Madame Lenoir, 2611-0001": False,
        "Il faut dispenser": False,
    }
    with alone() as page:
        found = page.evaluate(
            """async ([texts, there, here]) => {
              const { names } = await import("/crm/desk/guard.js");
              return texts.map((text) => names(text, there, here, ["0199001234"]));
            }""",
            [list(texts), there, here],
        )
    assert dict(zip(texts, found, strict=True)) == texts
