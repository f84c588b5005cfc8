"""The fixed cast (docs: README, "The cast"): the same few people in every test.

Ada Lenoir is the customer, Bea and Carl are agents, Mia is the manager, Mallory the stranger."""

from datetime import time

import pytest

from crm.models import AgentState, Opening, Schedule
from crm.services import customers, presence, roles
from tests import factories
from tests.doors import signed_in


@pytest.fixture
def always(db):
    return factories.ScheduleFactory()


@pytest.fixture
def office_hours(db):
    return monday_to_saturday()


def monday_to_saturday() -> Schedule:
    """8:00 to 20:00 in Paris."""
    schedule = Schedule.objects.create(name="Lun-sam 8-20")
    for weekday in range(6):
        Opening.objects.create(schedule=schedule, weekday=weekday, opens=time(8), closes=time(20))
    return schedule


@pytest.fixture
def box_queue(always):
    return factories.QueueFactory(slug="box", schedule=always)


@pytest.fixture
def mobile_queue(office_hours):
    return factories.QueueFactory(slug="mobile", schedule=office_hours)


@pytest.fixture
def remote(box_queue):
    """The subject of the Sunday story."""
    return factories.SubjectFactory(queue=box_queue)


@pytest.fixture
def sim(mobile_queue):
    return factories.SubjectFactory(
        slug="sim-esim-puk", name_fr="SIM, eSIM, PUK", name_en="SIM, eSIM, PUK", queue=mobile_queue
    )


def _staff(first: str, last: str, email: str, role: str):
    from django.contrib.auth.models import Group

    user = factories.UserFactory(first_name=first, last_name=last, email=email, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def bea(box_queue):
    user = _staff("Béatrice", "Morel", "bea@lumio.example", roles.AGENT)
    return factories.AgentFactory(user=user, display_name="Bea", queues=[box_queue])


@pytest.fixture
def carl(box_queue):
    user = _staff("Carl", "Petit", "carl@lumio.example", roles.AGENT)
    return factories.AgentFactory(user=user, display_name="Carl", queues=[box_queue])


@pytest.fixture
def mia(db):
    """The manager: a user, not an agent."""
    return _staff("Mia", "Fontaine", "mia@lumio.example", roles.MANAGER)


@pytest.fixture
def ada(db):
    """A customer with a verified mail address."""
    customer = customers.identify(
        "mail", "ada@lenoir.example", name="Ada Lenoir", verified_by="mail", source="test"
    )
    customer.civility = "mme"
    customer.save()
    return customer


@pytest.fixture
def ada_user(ada):
    """Ada with a portal account: signed in, a customer, never staff."""
    ada.user = factories.UserFactory(
        first_name="Ada", last_name="Lenoir", email="ada@lenoir.example"
    )
    ada.save()
    return ada.user


@pytest.fixture
def mallory(db):
    """A stranger with a portal account of her own."""
    customer = customers.identify("mail", "mallory@evil.example", name="Mallory Noir")
    customer.user = factories.UserFactory(
        first_name="Mallory", last_name="Noir", email="mallory@evil.example"
    )
    customer.save()
    return customer.user


@pytest.fixture
def enter(db):
    """`enter(bea.user)`: a client of theirs, signed in with both factors."""
    return lambda user: signed_in(user, second_factor=True)


@pytest.fixture
def at_work():
    """`at_work(bea, carl)`: their screens are open and they are available."""

    def come(*agents):
        for agent in agents:
            presence.beat(agent)
            presence.set_state(agent, AgentState.State.AVAILABLE)

    return come


@pytest.fixture
def beas(bea):
    """Bea's client, with both factors."""
    return signed_in(bea.user, second_factor=True)


@pytest.fixture
def mias(mia):
    """Mia's client, with both factors."""
    return signed_in(mia, second_factor=True)


@pytest.fixture
def root(db):
    """The client of a colleague with every right."""
    user = factories.UserFactory(email="root@lumio.example", is_staff=True, is_superuser=True)
    return signed_in(user, second_factor=True)
