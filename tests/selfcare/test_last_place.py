"""Many people press "ask for the call" at once for the last place of a slot, over HTTP, against two
web processes: one gets it, everybody else gets a clear answer and other times."""

import os
import threading
from collections import Counter
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from django.conf import settings

from crm import clock
from crm.models import Plan
from selfcare.models import Callback
from selfcare.services import slots
from tests.servers import Web

PEOPLE = 500 if os.environ.get("BRAVO_PROVE") else 24
_AT_ONCE = 50 if os.environ.get("BRAVO_PROVE") else 12
_TOKEN = "a" * 32


@pytest.fixture
def webs(transactional_db, tmp_path):
    two = [Web(settings.REDIS_URL, tmp_path / f"web{number}.log") for number in range(2)]
    for web in two:
        web.wait_ready()
    yield two
    for web in two:
        web.stop()


def ask(web: Web, person: int, start: str) -> tuple[int, str]:
    """One person's press; each from an address of their own, as people are."""
    form = {
        "csrfmiddlewaretoken": _TOKEN,
        "subject": "remote-control",
        "when": start,
        "name": f"Client {person}",
        "phone": f"+33199{person:06d}",
    }
    source = (f"127.0.1.{1 + person % 250}", 0)
    wire = HTTPConnection("127.0.0.1", web.port, timeout=120, source_address=source)
    with closing(wire):
        wire.request(
            "POST",
            "/fr/callback/",
            urlencode(form),
            {
                "Host": f"localhost:{web.port}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": f"csrftoken={_TOKEN}",
            },
        )
        answer = wire.getresponse()
        return answer.status, answer.read().decode()


def test_the_last_place_of_a_slot_goes_to_one_of_many(webs, remote, fresh_limits):
    at = clock.now()
    start = slots.free_days(remote, at=at, zone="Europe/Paris")[-1][1][0].start
    Plan.objects.create(queue=remote.queue, starts_at=start, seats=1)
    answers: list[tuple[int, str]] = []
    go = threading.Barrier(_AT_ONCE)

    def press(people):
        go.wait()
        for person in people:
            answers.append(ask(webs[person % 2], person, start.isoformat()))

    crowd = [
        threading.Thread(target=press, args=(range(part, PEOPLE, _AT_ONCE),))
        for part in range(_AT_ONCE)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert Counter(status for status, _page in answers) == {302: 1, 409: PEOPLE - 1}
    assert not [page for status, page in answers if status == 500]
    refused = [page for status, page in answers if status == 409]
    for page in refused:
        assert "Encore libres, proches du créneau souhaité" in page
        assert page.count('name="when"') >= 3
    assert Callback.objects.filter(slot_start=start).count() == 1
