"""The desk's live contract: whatever the network does to the frames, the screen ends up showing
what a fresh load shows. The shipped reducer runs in Chromium on what the server really sent."""

import json
import os
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client

from crm import clock, events
from crm.models import AgentState, Message, Target
from crm.services import complaints, interactions, posting, presence
from crm.services.access import DEMO_KEY
from tests.journeys.scripts import alone

DESK = "/console/desk/"
HERE = Path(__file__).parent
RUNS = 500 if os.environ.get("BRAVO_PROVE") else 60
Author = Message.Author
State = AgentState.State


class Screen:
    """What one agent's socket would have received, and what the server answers meanwhile."""

    def __init__(self, agent, queue, opened):
        client = redis.Redis.from_url(django_settings.REDIS_URL)
        self.pubsub = client.pubsub(ignore_subscribe_messages=True)
        self.pubsub.subscribe(f"bravo:{connection.settings_dict['NAME']}")
        self.pubsub.get_message(timeout=1.0)
        self.groups = {f"i:{opened}:staff", f"agent:{agent.pk}", f"queue:{queue.pk}", "desk"}
        self.opened = opened
        self.client = Client()
        self.client.force_login(agent.user)
        session = self.client.session
        session[DEMO_KEY] = True
        session.save()
        self.steps = []

    def get(self, path, **query):
        return self.client.get(DESK + path, query).json()

    def page(self):
        text = self.client.get(DESK).content.decode()
        start = text.index('id="desk-state"')
        start = text.index(">", start) + 1
        return json.loads(text[start : text.index("</script>", start)])

    def did(self, everything):
        """One thing happened: what was sent, and the server as it is now."""
        frames = []
        while (message := self.pubsub.get_message(timeout=0.05)) is not None:
            for line in message["data"].decode().split("\n")[1:]:
                groups, _tab, text = line.partition("\t")
                if self.groups & set(groups.split(",")):
                    frames.append(orjson.loads(text))
        talk = self.get(f"{self.opened}/")
        talk["all"] = posting.catch_up(self.opened, posting.STAFF, 0)["frames"]
        rows = self.get("rows/", i=",".join(map(str, everything)))["rows"]
        self.steps.append(
            {
                "frames": frames,
                "server": {
                    "rows": {row["i"]: row for row in rows},
                    "talks": {self.opened: talk},
                    "snapshot": self.get("snapshot/"),
                },
            }
        )


def a_day_at_the_desk(ada, bea, carl, remote, mobile_queue, at_work):  # noqa: C901 (a list)
    """Every kind of event; returns what the browser needs."""
    Target.objects.all().delete()  # those shipped are gone where a test has truncated tables
    Target.objects.create(name="all", first_answer="1 h", next_answer="1 h", solution="8 h")
    opened = interactions.open("chat", ada, subject=remote)
    posting.post(opened, author=Author.CUSTOMER, text="Ma télécommande")
    interactions.assign(opened, bea)
    other = interactions.open("mail", ada, subject=remote, title="Facture")
    interactions.assign(other, bea)
    third = interactions.open("mail", ada, subject=remote, title="Plus tard")
    at_work(carl)  # when nothing waits that routing would hand out
    presence.beat(bea)
    presence.set_state(bea, State.MEETING)
    screen = Screen(bea, remote.queue, opened.pk)
    everything = [opened.pk, other.pk, third.pk]
    screen.did(everything)
    screen.steps.clear()
    story = {"initial": screen.page(), "talk": screen.get(f"{opened.pk}/"), "opened": opened.pk}

    def customer(row, text):
        return posting.post(row, author=Author.CUSTOMER, text=text)

    def agent(row, text, who=bea, **more):
        return posting.post(row, author=Author.AGENT, agent=who, text=text, **more)

    def read(row, **who):
        row.refresh_from_db()
        posting.mark_read(row.pk, row.staff_seq, agent_id=bea.pk)
        frame = {"who": "agent", "name": "Bea", "agent": bea.pk, "seq": row.staff_seq}
        events.push(f"i:{row.pk}:staff", "read", i=row.pk, **frame)

    def customer_read(row):
        row.refresh_from_db()
        posting.mark_read(row.pk, row.customer_seq, customer_id=ada.pk)
        events.push(f"i:{row.pk}:staff", "read", i=row.pk, who="customer", seq=row.customer_seq)

    made = {}

    def newcomer():
        made["new"] = interactions.open("mail", ada, subject=remote, title="Nouveau")
        everything.append(made["new"].pk)

    def say(name, row, *words, **more):
        made[name] = agent(row, *words, **more)

    def ask_survey():
        made["card"] = posting.post(
            opened, author=Author.SYSTEM, kind="card", body={"card": "survey"}
        )

    story_line = [
        lambda: customer(opened, "ne répond   plus 😀" + " encore" * 60),
        lambda: say("line", opened, "Bonjour Madame Lenoir"),
        lambda: agent(opened, "Cliente fidèle", kind="note", to_customer=False),
        lambda: posting.edit(made["line"], "Bonjour Madame Lenoir, je regarde."),
        lambda: customer_read(opened),
        lambda: customer(opened, "merci"),
        lambda: read(opened),
        lambda: events.push(f"i:{opened.pk}:staff", "typing", i=opened.pk, who="customer", name=""),
        newcomer,
        lambda: customer(made["new"], "Je viens d'écrire"),
        lambda: interactions.take(made["new"].pk, bea),
        lambda: customer(made["new"], "Toujours là"),
        lambda: say("oops", made["new"], "Oups"),
        lambda: posting.delete(made["oops"]),
        lambda: agent(other, "Je cherche votre facture"),
        lambda: complaints.turn_into(other, by=bea),
        lambda: interactions.wait_for_customer(other, by=bea),
        lambda: customer(other, "Je réponds"),
        lambda: interactions.snooze(other, by=bea, until=clock.now() + timedelta(hours=1)),
        lambda: interactions.wake_due(clock.now() + timedelta(hours=2)),
        lambda: interactions.transfer(other, by=bea, to_agent=carl, note="À toi"),
        lambda: interactions.transfer(other, by=carl, to_agent=bea),
        lambda: interactions.transfer(opened, by=bea, to_agent=carl, note="Une minute"),
        lambda: interactions.transfer(opened, by=carl, to_agent=bea),
        lambda: interactions.take(third.pk, carl),
        lambda: interactions.transfer(third, by=carl, to_queue=mobile_queue),
        lambda: presence.set_state(carl, State.BREAK, reason="pause"),
        lambda: presence.set_state(bea, State.AVAILABLE),
        lambda: presence.set_state(bea, State.TRAINING),
        ask_survey,
        lambda: posting.redraw(made["card"], {"score": 5}),
        lambda: interactions.end_exchange(opened),
        lambda: interactions.close(opened, by=bea, outcome="solved"),
        lambda: interactions.rate(opened, 5),
        lambda: interactions.reopen(opened),
        lambda: interactions.take(opened.pk, bea),
        lambda: interactions.close(made["new"], by=bea, outcome="informed"),
        lambda: agent(opened, "Et voilà"),
        lambda: events.push(f"agent:{bea.pk}", "again"),
        lambda: customer_read(opened),
    ]
    for happening in story_line:
        for row in (opened, other, third):
            row.refresh_from_db()
        happening()
        screen.did(everything)
    screen.pubsub.close()
    fresh = {"fresh": screen.page(), "freshTalk": screen.get(f"{opened.pk}/")}
    return story | fresh | {"steps": screen.steps, "runs": RUNS}


@pytest.mark.django_db(transaction=True)
def test_whatever_happens_to_the_frames_the_screen_ends_as_a_fresh_load(
    ada, bea, carl, remote, mobile_queue, at_work, settings
):
    settings.DEMO = True
    story = a_day_at_the_desk(ada, bea, carl, remote, mobile_queue, at_work)
    sent = {frame["t"] for step in story["steps"] for frame in step["frames"]}
    assert {"message", "interaction", "assigned", "agent", "read", "typing", "rated"} <= sent
    result = _in_chromium(story)
    assert not result["failures"], _difference(result["failures"][0])
    said = {kind.partition(":")[2] for kind in result["kinds"] if ":" in kind}
    assert said >= {
        "text", "note", "card", "assigned", "transferred", "their_turn", "snoozed", "woken",
        "ended", "closed", "rated", "reopened",
    }  # fmt: skip


def _difference(failure):
    """Where the two screens part."""
    got, wanted = failure["got"], failure["wanted"]
    at = next((n for n, (a, b) in enumerate(zip(got, wanted, strict=False)) if a != b), 0)
    near = slice(max(0, at - 300), at + 200)
    return f"{failure['name']}\n  got: …{got[near]}…\n  not: …{wanted[near]}…"


def _in_chromium(story):
    with alone() as page:
        return page.evaluate(
            "async story => (await import('/desk_contract.js')).check(story)", story
        )
