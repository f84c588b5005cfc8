"""The writer survives what the database does."""

import asyncio
import uuid

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from crm.models import Message
from crm.services import interactions, writer
from crm.services.posting import Line, Posted, Refused
from tests import hubs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def _nothing_stays_open(transactional_db):
    yield
    await hubs.leave_nothing_open()


@pytest.fixture
def chat(ada, bea, box_queue):
    return interactions.assign(interactions.open("chat", ada, queue=box_queue), bea)


@pytest.fixture
def superuser(chat):
    """A connection to the server that is none of the test database's; the test's own is closed,
    so that cutting everybody's costs only the writer its connection."""
    wanted = connection.get_connection_params()
    known = {k: wanted[k] for k in ("user", "password", "host", "port") if wanted.get(k)}
    connection.close()
    with psycopg.connect(dbname="postgres", autocommit=True, **known) as other:
        yield other


def line(chat, text="Bonjour", key=None):
    return Line(chat.pk, "customer", text, key or str(uuid.uuid4()))


def cut_everybody(superuser):
    superuser.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
        [connection.settings_dict["NAME"]],
    )


async def test_many_lines_at_once_are_stored_in_order(chat):
    answers = await asyncio.gather(*(writer.say(line(chat, str(n))) for n in range(100)))
    assert [a.staff_seq for a in answers] == list(
        range(answers[0].staff_seq, answers[0].staff_seq + 100)
    )
    texts = await sync_to_async(
        lambda: list(
            Message.objects.filter(kind="text").order_by("pk").values_list("text", flat=True)
        )
    )()
    assert texts == [str(n) for n in range(100)]


async def test_a_cut_connection_costs_no_line(chat, superuser):
    assert isinstance(await writer.say(line(chat)), Posted)
    await asyncio.to_thread(cut_everybody, superuser)
    assert isinstance(await writer.say(line(chat)), Posted)


async def test_with_the_database_away_a_line_is_refused_and_its_resend_stored_once(chat, superuser):
    assert isinstance(await writer.say(line(chat)), Posted)
    kept = line(chat, "gardée")
    name = psycopg.sql.Identifier(connection.settings_dict["NAME"])
    allow = psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    superuser.execute(allow.format(name, psycopg.sql.SQL("false")))
    try:
        cut_everybody(superuser)
        refused = await writer.say(kept)
    finally:
        superuser.execute(allow.format(name, psycopg.sql.SQL("true")))
    assert refused == Refused(kept, "busy")
    first, again = await writer.say(kept), await writer.say(kept)
    assert first.id == again.id
    assert again.repeated
