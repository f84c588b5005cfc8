"""The console's lists: endless ones too are there at once, and look as they always did."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.template import engines
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from crm.admin.quick import QuickPaginator
from crm.models import Customer, Interaction
from crm.services import audit
from tests.factories import CustomerFactory, InteractionFactory

pytestmark = pytest.mark.django_db
LIST = "/console/crm/interaction/"


def drawn(tag: str, library: str, model, user, asked: str) -> str:
    """The rows of a list as this tag draws them, white space and the labels' capitals apart."""
    request = RequestFactory(HTTP_HOST="127.0.0.1").get(f"/{asked}")
    request.user, request.session = user, {}
    context = admin.site._registry[model].changelist_view(request).context_data
    source = f"{{% load {library} %}}{{% {tag} cl %}}"
    made = engines["django"].from_string(source).render(context, request)
    made = made.replace(' x-data="{rowOpen: false}"', "")
    made = re.sub(r'data-label="[^"]+"', lambda label: label[0].lower(), made)
    return re.sub(r'\s*([<>"])\s*', r"\1", re.sub(r"\s+", " ", made))


@pytest.mark.parametrize("asked", ["", "?_popup=1", "?o=-1.2"])
@pytest.mark.parametrize("model", [Interaction, Customer, get_user_model()])
def test_rows_are_drawn_as_unfold_draws_them(model, asked, root, box_queue, bea):
    user = get_user_model().objects.get(is_superuser=True)
    customer = CustomerFactory(last_name="<b>Lenoir</b>")
    InteractionFactory(customer=customer, queue=box_queue, title="Box & TV", score=4)
    InteractionFactory(queue=None, agent=bea)
    ours = drawn("quick_list", "quick_list", model, user, asked)
    assert ours == drawn("unfold_result_list", "unfold_list", model, user, asked)
    assert "<b>Lenoir" not in ours


def test_a_deep_page_of_a_list_holds_what_its_place_says(monkeypatch, box_queue):
    monkeypatch.setattr("crm.admin.quick._DEEP", 4)
    made = [InteractionFactory(queue=box_queue).pk for _number in range(7)]
    rows = Interaction.objects.order_by("-pk").select_related("queue")
    pages = [[row.pk for row in QuickPaginator(rows, 2).page(number)] for number in (1, 2, 3, 4, 5)]
    assert [key for page in pages for key in page] == made[::-1]
    assert pages[4] == []


def test_nobody_waits_for_a_count_nor_for_what_a_filter_offers(root, box_queue):
    InteractionFactory(queue=box_queue, score=5)
    with CaptureQueriesContext(connection) as asked:
        page = root.get(LIST, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert not [one for one in asked if "COUNT(" in one["sql"] or "DISTINCT" in one["sql"]]
    assert "9999999999" not in page
    assert 'href="?score=5"' in page
    assert 'href="?score__isnull=True"' in page


@pytest.mark.parametrize(
    ("asked", "found"), [("channel=chat", 3), ("score__isnull=True", 2), ("", 3)]
)
def test_a_lists_filters_find_what_they_found(root, box_queue, asked, found):
    for score in (5, None, None):
        InteractionFactory(queue=box_queue, score=score)
    answer = root.get(f"{LIST}?{asked}&_facets=True")
    assert len(answer.context_data["cl"].result_list) == found
    assert "– (2)" in answer.content.decode()


def test_the_audit_trail_offers_the_kinds_of_record_it_has_entries_of(root):
    before = set(audit.kinds())
    audit.record("exported", model="crm.organisation")
    audit.record("exported", model="crm.import")
    assert set(audit.kinds()) == before | {"crm.organisation", "crm.import"}
    page = root.get("/console/crm/auditentry/?model=crm.import").content.decode()
    assert 'href="?model=crm.organisation"' in page
