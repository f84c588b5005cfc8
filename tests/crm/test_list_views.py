"""A list filtered the way one needs it is kept under a name, and shared with a role."""

import pytest
from django.contrib.auth.models import Group

from crm.models import ListView
from crm.services import list_views
from tests.doors import signed_in, stranger

pytestmark = pytest.mark.django_db
LIST = "/console/crm/interaction/"
KEEP = "/console/lists/keep/"
API = "/api/v1/list-views/"


@pytest.fixture
def beas(bea):
    return signed_in(bea.user, second_factor=True)


def keep(client, name="À rappeler", query="status__exact=waiting&p=3&q=box", **more):
    return client.post(KEEP, {"of": "crm.interaction", "name": name, "query": query, **more})


def test_bea_keeps_a_list_and_finds_it_again_without_the_page_she_was_on(beas):
    asked = f"{LIST}?q=box"
    assert "Save this view" in beas.get(asked, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    answer = keep(beas)
    assert answer["Location"] == f"{LIST}?q=box&status__exact=waiting"
    page = beas.get(answer["Location"])
    assert "À rappeler" in page.content.decode()
    assert page.status_code == 200
    assert keep(beas, query="q=mail").status_code == 302
    assert ListView.objects.get().query == "q=mail"  # the name is once in a list
    assert beas.post(f"/console/lists/{ListView.objects.get().pk}/forget/").status_code == 302
    assert not ListView.objects.exists()


def test_shared_with_leads_it_is_theirs_to_open_and_not_to_throw_away(beas, bea, carl, mia):
    lead = Group.objects.get(name="team lead")
    keep(beas, roles=[lead.pk])
    view = ListView.objects.get()
    carls = signed_in(carl.user, second_factor=True)
    assert "À rappeler" not in carls.get(LIST).content.decode()
    carl.user.groups.add(lead)
    assert "À rappeler" in carls.get(LIST).content.decode()
    assert [row["name"] for row in carls.get(API).json()["results"]] == ["À rappeler"]
    assert carls.post(f"/console/lists/{view.pk}/forget/").status_code == 404
    assert carls.delete(f"{API}{view.pk}/").status_code == 403
    assert ListView.objects.filter(pk=view.pk).exists()


def test_the_api_keeps_and_forgets_as_the_page_does(beas):
    said = {"of": "crm.Customer", "name": "Sans adresse", "query": "q=lenoir&p=2"}
    made = beas.post(API, said, "application/json")
    assert (made.status_code, made.json()["query"]) == (201, "q=lenoir")
    assert beas.delete(f"{API}{made.json()['id']}/").status_code == 204
    bad = beas.post(API, said | {"of": "crm.nothing"}, "application/json")
    assert bad.status_code == 400


@pytest.mark.parametrize("bad", [{"name": " "}, {"query": "q=" + "x" * 1001}, {"name": "\x00"}])
def test_what_cannot_be_kept_is_refused(beas, bad):
    assert keep(beas, **bad).status_code == 400
    assert not ListView.objects.exists()


def test_of_a_list_that_is_not_open_to_them_nobody_keeps_a_view(beas, mallory):
    for of in ("crm.user", "crm", "", "auth.permission"):
        assert keep(beas, of=of).status_code == 403
    assert keep(stranger()).status_code == 302
    assert keep(signed_in(mallory, second_factor=True)).status_code in (302, 403)
    assert not ListView.objects.exists()


def test_a_question_is_the_same_text_however_it_was_asked():
    assert (
        list_views.question("b=2&a=1&p=4") == list_views.question("a=1&b=2&_popup=1") == "a=1&b=2"
    )
