"""Every form of the portal is sent by itself: no script is needed to ask, answer or decide."""

from html.parser import HTMLParser

import pytest
from django.urls import Resolver404, resolve

from crm.services import interactions
from selfcare.services import callbacks, links, surveys
from tests.doors import signed_in
from tests.selfcare.conftest import ADA_PHONE, paris
from tests.selfcare.helpdesk import write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_limits", "staffed")]


class Forms(HTMLParser):
    """Of a page: each form's attributes, the names of its fields, and whether it has a button.
    What a script must show first does not count."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict] = []
        self.inside: dict | None = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.inside = {"attrs": given, "names": set(), "buttons": 0}
            self.found.append(self.inside)
        elif self.inside is not None and "hidden" not in given:
            self.inside["names"].add(given.get("name"))
            sends = tag == "button" and given.get("type", "submit") == "submit"
            self.inside["buttons"] += sends or given.get("type") == "image"

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = None


@pytest.fixture
def pages(ada, ada_user, sim, remote, monday, outbox, survey, chat):
    """Every page of the portal with a form on it, but for those of the sign-in."""
    article = write("Ma télécommande ne répond plus", "<p>Changez les piles.</p>", subject=remote)
    call = callbacks.request(ada, phone=ADA_PHONE, subject=sim, slot=paris("2026-11-24T10:00"))
    letter = interactions.open("mail", ada, subject=remote, language="fr")
    asked = surveys.invite(chat().pk)
    return [
        "/fr/",
        "/fr/search/?q=télécommande",
        "/fr/search/?q=xyzzyx",
        f"/fr/article/{article.slug}/",
        "/fr/contact/",
        f"/fr/contact/?subject={remote.slug}&title=Ma télécommande",
        f"/fr/callback/?subject={sim.slug}",
        f"/fr/callback/{call.pk}/",
        f"/fr/requests/{letter.reference}/",
        "/fr/my-data/",
        links.path("survey", "fr", links.token(links.SURVEY, asked.pk)),
    ]


def test_each_form_posts_by_itself(pages, ada_user):
    client = signed_in(ada_user, second_factor=False)
    seen = set()
    for address in pages:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        for form in Forms(answer.content.decode()).found:
            action = form["attrs"].get("action") or answer.request["PATH_INFO"]
            try:
                seen.add(resolve(action.partition("?")[0]).url_name)
            except Resolver404:
                pytest.fail(f"{address}: {action} leads nowhere")
            assert form["buttons"], f"{address}: {action} has no button"
            posts = form["attrs"].get("method", "get").lower() == "post"
            public = "/vote/" in action  # shared pages hold no token
            assert not posts or public or "csrfmiddlewaretoken" in form["names"], action
    assert {
        "search", "vote", "contact", "callback", "callback_move", "callback_cancel",
        "request_detail", "my_data_correct", "my_data_copy", "my_data_consent", "my_data_erase",
        "survey_page",
    } <= seen  # fmt: skip
