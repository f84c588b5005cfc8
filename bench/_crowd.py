"""More simulated people than a demo has: `python -m bench._crowd agents|customers COUNT SECONDS`,
in the environment of a running one. Agents take what comes; each customer chats, and again."""

import asyncio
import sys
from random import Random

LAST = 40.0  # seconds at the end in which nobody new comes, so that each can be answered
QUEUE = "box"
_BETWEEN = 4.0  # seconds before the next one comes in somebody's place
SIGNED_IN = 20.0  # until when all agents are there; customers come after them


async def _agents(count: int, seconds: float) -> None:
    from asgiref.sync import sync_to_async

    from config.demo.simulate.desk import Desk

    class Colleague(Desk):
        """Signed in already: a demo has links for its own people only."""

        async def sign_in(self) -> None:
            self.door.cookies["sessionid"] = self.role

    pace, ledger, rng = _life("agents", seconds)
    keys = await sync_to_async(_sessions)(count)
    desks = [Colleague(key, pace, ledger, Random(rng.random())) for key in keys]
    await _all(pace, [(desk.run, rng.uniform(0, SIGNED_IN)) for desk in desks])


def _sessions(count: int) -> list[str]:
    """Of new agents of the queue, three places each."""
    from django.contrib.auth.models import Group
    from django.contrib.sessions.backends.db import SessionStore

    from crm.models import Agent, AgentSkill, Queue, User
    from crm.services import access, roles

    queue = Queue.objects.get(slug=QUEUE)
    have = User.objects.filter(email__endswith="@bench.example").count()
    made = User.objects.bulk_create(
        User(email=f"{number}@bench.example", is_staff=True, password="!")
        for number in range(have, count)
    )
    agents = Agent.objects.bulk_create(
        Agent(user=user, display_name="Amélie", languages=["fr", "en"], is_simulated=True)
        for user in made
    )
    AgentSkill.objects.bulk_create(AgentSkill(agent=agent, queue=queue) for agent in agents)
    users = list(User.objects.filter(email__endswith="@bench.example")[:count])
    Group.objects.get(name=roles.AGENT).user_set.add(*users)
    keys = []
    for user in users:
        session = SessionStore()
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session[access.DEMO_KEY] = True
        session.create()
        keys.append(str(session.session_key))
    return keys


async def _customers(count: int, seconds: float) -> None:
    from config.demo.simulate import arrivals, chatting, talks
    from config.demo.simulate.browser import LOST, Refused
    from config.demo.simulate.people import Person, Town

    pace, ledger, rng = _life("customers", seconds)
    town = Town(rng)

    async def one_after_the_other() -> None:
        while not pace.over:
            person = Person(town.somebody(), pace, ledger, Random(rng.random()))
            subject = arrivals.fault(person.rng)
            where = chatting.Where("boutique", "shop", "/boutique/", "Lumio", subject)
            visitor = chatting.Visitor(person, where)
            try:
                await visitor.arrive(signed_in=False)
                text = talks.opening(person.rng, subject, person.language)
                if token := await visitor.press_button(text):
                    await visitor.talk(token)
            except (*LOST, Refused) as error:
                print("lost", error, flush=True)
            await asyncio.sleep(_BETWEEN)

    times = [rng.uniform(SIGNED_IN, seconds - LAST) for _one in range(count)]
    await _all(pace, [(one_after_the_other, after) for after in times])


def _life(who, seconds):  # type: ignore[no-untyped-def]
    from django.conf import settings

    from config.demo.environment import HOSTS
    from config.demo.simulate.browser import Browser
    from config.demo.simulate.ledger import Ledger
    from config.demo.simulate.pace import Pace

    rng = Random()
    pace = Pace(Browser(HOSTS["portal"], settings.PORT), rng, seconds=seconds)
    return pace, Ledger(who), rng


async def _all(pace, lives) -> None:  # type: ignore[no-untyped-def]
    async def begins(life, after: float) -> None:  # type: ignore[no-untyped-def]
        await asyncio.sleep(after)
        await life()

    tasks = [asyncio.create_task(begins(life, after)) for life, after in lives]
    await pace.follow()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    import django

    from config import embedded

    embedded.provide()
    django.setup()
    who, count, seconds = sys.argv[1:]
    asyncio.run({"agents": _agents, "customers": _customers}[who](int(count), float(seconds)))
