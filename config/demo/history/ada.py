"""Ada's own past. Hers is the record that people open first: it shows what a record can."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from config.demo import links
from crm.models import Customer

from .clients import Client
from .scores import REST
from .volumes import PARIS, Arrival


@dataclass(frozen=True)
class Moment:
    """So many days ago she wrote or called; or searched, and helped herself."""

    days: int
    time: time
    subject: str
    channel: str = ""
    search: str = ""
    asked: bool = False  # for her opinion: never twice in thirty days, nor in the last thirty

    def day(self, today: date) -> date:
        """A Sunday's is the day before's: most subjects are closed then."""
        found = today - timedelta(days=self.days)
        return found - timedelta(days=found.weekday() == 6)

    def arrival(self, today: date) -> Arrival:
        at = datetime.combine(self.day(today), self.time, PARIS).astimezone(UTC)
        return Arrival(at, self.channel, self.subject)


_PAST = [
    Moment(78, time(10, 12), "box-installation", "chat", asked=True),
    Moment(61, time(18, 40), "invoice", "mail"),
    Moment(50, time(9, 35), "moving-house", "callback"),
    Moment(44, time(20, 5), "moving-house", search="déménagement ligne"),
    Moment(36, time(19, 5), "slow-wifi", "chat", asked=True),
    Moment(9, time(11, 20), "plan-change", "mail"),
    Moment(4, time(21, 15), "tv-picture", search="image figée"),
]


def past(day: date, today: date) -> list[Moment]:
    """What she did on that day."""
    return [one for one in _PAST if one.day(today) == day]


def client(arrival: Arrival, *, asked: bool) -> Client:
    """Ada as the generator knows its customers; she answers whenever she is asked."""
    ada = Customer.objects.get(user__email=links.PEOPLE["customer"])
    return Client(
        ada.pk, ada.first_name, ada.last_name, ada.civility, ada.language,
        mail=links.PEOPLE["customer"], phone="+33199001234", opted_out=False, keen=True,
        asked_at=None if asked else arrival.at - REST / 2,
    )  # fmt: skip
