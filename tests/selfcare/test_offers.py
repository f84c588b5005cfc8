"""What the portal says about the chat is what the chat can keep."""

from datetime import timedelta

import pytest
from django.utils import translation

from crm import clock
from crm.models import Heartbeat, Interaction
from crm.services import interactions
from selfcare.services import offers
from tests import factories
from tests.selfcare.conftest import paris

NOON = paris("2026-11-23T12:00")
SUNDAY = paris("2026-11-22T17:00")


@pytest.fixture(autouse=True)
def _french():
    with translation.override("fr"):
        yield


def chat(subject, at=NOON):
    offer = offers.for_subject(subject, at=at, zone="Europe/Paris", language="fr")[0]
    return offer.state, offer.words


def test_closed_nobody_busy_and_free_are_four_different_things(
    remote, sim, bea, at_work, box_queue
):
    assert chat(sim, SUNDAY) == ("later", "fermé")
    assert chat(remote) == ("later", "personne n’est en ligne pour le moment")
    at_work(bea)
    assert chat(remote) == ("now", "Bea est disponible")
    for _chat in range(3):
        interactions.assign(factories.InteractionFactory(queue=box_queue), bea)
    Interaction.objects.update(assigned_at=clock.now() - timedelta(hours=1))
    assert chat(remote) == ("later", "tous les conseillers sont occupés")


def test_a_wait_is_promised_only_while_somebody_is_there(remote, bea, at_work, box_queue):
    at_work(bea)
    for _chat in range(3):
        interactions.assign(factories.InteractionFactory(queue=box_queue), bea)
    now = clock.now()
    factories.InteractionFactory.create_batch(
        3, queue=box_queue, status="closed", agent=bea, closed_by=bea,
        assigned_at=now - timedelta(minutes=9), closed_at=now, handled_at=now,
    )  # fmt: skip
    assert chat(remote)[0] == "wait"
    Heartbeat.objects.all().delete()
    assert chat(remote)[1] == "personne n’est en ligne pour le moment"


def test_the_time_of_a_written_answer_is_what_it_was_lately(remote, sim, box_queue):
    def said(subject):
        return offers.for_subject(subject, at=NOON, zone="Europe/Paris", language="fr")[-1].words

    for hours in (*[2] * 19, 30):
        came = NOON - timedelta(days=2)
        factories.InteractionFactory(
            queue=box_queue, channel="mail", opened_at=came, first_customer_at=came,
            first_answer_at=came + timedelta(hours=hours),
        )  # fmt: skip
    assert said(remote) == "généralement sous 2 heures"
    assert said(sim) == "nous répondons par e-mail"  # nobody asked: nothing is promised
