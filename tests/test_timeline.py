"""One line of time: exchanges and visits together, newest first, each once, page after page."""

from datetime import timedelta

import pytest

from crm import clock
from crm.models import Identity, Interaction, Visit
from crm.services import timeline
from crm.services.finding import find_customers
from tests import factories

pytestmark = pytest.mark.django_db

EVERYTHING = {"interactions": Interaction.objects.all(), "visits": Visit.objects.all()}


def test_pages_follow_one_another_without_gap_or_double(ada):
    now = clock.now()
    for n in range(30):
        at = now - timedelta(minutes=n // 3)  # several in the same instant
        factories.InteractionFactory(customer=ada, opened_at=at)
        Visit.objects.create(key=f"v{n}", customer=ada, started_at=at)
    seen, after = [], ""
    while True:
        page = timeline.page(**EVERYTHING, after=after, size=7)
        seen += [(entry.kind, entry.pk) for entry in page.entries]
        if not (after := page.older):
            break
    assert len(seen) == len(set(seen)) == 60


def test_a_cursor_of_somebody_elses_making_is_refused():
    for cursor in ("x", "1.2.3", "9999999999999999.0.i.1", "1.000000.q.1"):
        with pytest.raises(timeline.BadCursor):
            timeline.page(**EVERYTHING, after=cursor)


@pytest.mark.parametrize(
    "term",
    ["lenoir", "Ada Lenoir", "LENOIR ad", "ada@", "06 12 34 56 78", "06.12.3", "0612", "+33 6 12",
     "0033612", "336123"],
)  # fmt: skip
def test_a_customer_is_found_by_what_colleagues_type(term, db):
    ada = factories.CustomerFactory(first_name="Ada", last_name="Lenoir")
    zoe = factories.CustomerFactory(first_name="Zoé", last_name="Blanc")
    factories.IdentityFactory(customer=zoe, kind=Identity.Kind.PHONE, value="+33199001234")
    factories.IdentityFactory(customer=ada, value="ada@lenoir.example")
    factories.IdentityFactory(customer=ada, kind=Identity.Kind.PHONE, value="+33612345678")
    assert list(find_customers(term)) == [ada]


def test_an_empty_search_finds_nobody(ada):
    assert not find_customers(" .,").exists()
