"""The demo's customers: most come once, some come back within days."""

import heapq
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from config.demo import data, records
from crm.models import Customer, Identity
from crm.text import sort_key, words

from .draws import lognormal, pick
from .tables import Table

CONTACTS = {1: 0.66, 2: 0.21, 3: 0.08, 4: 0.03, 5: 0.02}
GAP_DAYS, GAP_SIGMA = 2.4, 1.0  # median time between two contacts of one person
NO_ADDRESS, OPTED_OUT, ENGLISH = 0.07, 0.02, 0.04


@dataclass
class Client:
    """A customer as the generator remembers them."""

    pk: int
    first: str
    last: str
    civility: str
    language: str
    mail: str
    phone: str
    opted_out: bool
    keen: bool = False  # answers whenever they are asked
    last_subject: str = ""
    asked_at: datetime | None = None  # the last survey

    @property
    def addressed(self) -> str:
        if self.language == "en":
            return f"{'Ms' if self.civility == 'mme' else 'Mr'} {self.last}"
        return f"{'Madame' if self.civility == 'mme' else 'Monsieur'} {self.last}"


class Clients:
    """Hands out the customer of each contact: a new one, or one who was due to come back."""

    def __init__(self, customers: Table, identities: Table, mark: str) -> None:
        self.customers, self.identities, self.mark = customers, identities, mark
        self.rng = Random(f"clients {mark}")  # noqa: S311
        self.contracts = Random(f"contracts {mark}")  # noqa: S311
        self.due: list[tuple[datetime, int, Client]] = []
        self.people = data.load("people")

    def next(self, at: datetime) -> tuple[Client, bool]:
        """(client, whether they came back about what they asked before)."""
        if self.due and self.due[0][0] <= at:
            client = heapq.heappop(self.due)[2]
            return client, self.rng.random() < 0.5
        client = self._make(at)
        moment = at
        for _visit in range(pick(self.rng, CONTACTS) - 1):
            moment += timedelta(days=lognormal(self.rng, GAP_DAYS, GAP_SIGMA))
            heapq.heappush(self.due, (moment, self.rng.randrange(10**9), client))
        return client, False

    def come_back(self, client: Client, at: datetime) -> None:
        """One contact more than usual, as after an outage."""
        heapq.heappush(self.due, (at, self.rng.randrange(10**9), client))

    def _make(self, at: datetime) -> Client:
        rng = self.rng
        woman = rng.random() < 0.54
        first = rng.choice(self.people["first_names_f" if woman else "first_names_m"])
        last = rng.choice(self.people["last_names"])
        language = "en" if rng.random() < ENGLISH else "fr"
        civility = "mme" if woman else "m"
        pk = self.customers.add(
            civility=civility,
            first_name=first,
            last_name=last,
            language=language,
            name_key=sort_key(f"{last} {first}"),
            town=rng.choice(self.people["towns"])["name"],
            is_simulated=True,
            created_at=at,
            **records.of_customer(self.contracts),
        )
        mail = f"{'.'.join(words(f'{first} {last}'))}.{pk}@courrier.example"
        phone = f"+3319900{pk % 10000:04d}"
        client = Client(pk, first, last, civility, language, mail, phone, rng.random() < OPTED_OUT)
        if rng.random() < NO_ADDRESS:
            client.mail = ""
        else:
            self.identities.add(
                customer_id=pk,
                kind=Identity.Kind.MAIL,
                value=mail,
                source="demo",
                verified_at=at,
                verified_by="mail",
                created_at=at,
            )
        return client


def tables() -> tuple[Table, Table]:
    return Table(Customer), Table(Identity)
