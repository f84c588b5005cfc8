"""Every address, API action and socket is on a short list of public doors, or refuses the stranger,
the signed-in customer, and staff without the second factor."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from chat.urls import websocket_urlpatterns as visitor_sockets
from crm.urls import websocket_urlpatterns as console_sockets
from tests import factories
from tests.doors import signed_in, stranger

pytestmark = pytest.mark.django_db

# open to everybody, and why
PUBLIC = [
    # the portal: help for everybody, forms, and signed links that are exchanged for a session
    r"^(fr|en)/($|theme/|article/|search/|complete/|suggest/|contact/|incident/|action/|accessibility/|privacy/)",
    r"^(fr|en)/(callback/$|callback/l/|avis/x/)",
    r"^$", r"^sitemap(-\d+)?\.xml$", r"^robots\.txt$",
    r"^healthz$", r"^readyz$",    # for machines; no secrets
    r"^widget/",                  # the widget's own doors: a signed token decides
    r"^accounts/",                # sign-in itself; allauth guards what belongs to an account
    r"^i18n/",                    # the language switch
    r"^static/", r"^media/picture", r"^picture",
    r"^console/(login|logout|jsi18n)/",    # to the sign-in page; words of widgets
    r"^demo/", r"^boutique/", r"^catcher/",   # exist under the demo and test commands only
    r"^bounce/", r"^file/",       # signed links
    r"^mail/(in|reports)/",       # providers' posts: a password in the address, a signature
    r"^files/",                   # of articles, for whoever may read the article
]  # fmt: skip

# everybody who is signed in has their own, and it is empty
OWN = re.compile(r"^(fr|en)/(requests|my-data)/$")

WRITES = {"post", "put", "patch", "delete"}
SAMPLES = {"int": "1", "slug": "x", "str": "x", "path": "1", "uuid": "0" * 32}


def _addresses(patterns=None, prefix=""):
    """Every route with samples in its holes."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + _filled(pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def _filled(pattern) -> str:
    text = str(pattern.pattern)
    text = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda m: "json" if m[1] == "format" else "1", text)
    text = re.sub(r"<(?:(\w+):)?\w+>", lambda m: SAMPLES.get(m[1] or "str", "1"), text)
    text = re.sub(r"\(\?:[^)]*\)\??|\\Z|[$^]", "", text)
    return text.replace("\\.", ".").replace("/?", "/").replace("\\/", "/")


def closed_doors() -> list[str]:
    found = {a for a in _addresses() if not any(re.match(p, a) for p in PUBLIC)}
    return sorted(found)


def writing_doors() -> list[tuple[str, str]]:
    """Each view of the API with each verb it answers and that could change something, once."""
    found: dict[tuple[object, str], str] = {}
    for address in closed_doors():
        if address.startswith("api/"):
            view = resolve("/" + address).func
            answers = getattr(view, "actions", None) or dir(getattr(view, "cls", None))
            verbs = WRITES & set(answers) if hasattr(view, "cls") else WRITES
            for verb in verbs:
                found.setdefault((view, verb), address)
    return sorted((verb, address) for (_view, verb), address in found.items())


def refused(response) -> bool:
    if response.status_code in (401, 403):
        return True
    # the portal's personal pages say "nothing here", not whose it is; its verbs are POSTs
    if response.status_code in (404, 405, 410) and re.match(
        "/(fr|en)/", response.wsgi_request.path
    ):
        return True
    to_login = ("/accounts/login", "/console/login", "/accounts/2fa", "/accounts/reauth")
    return response.status_code in (301, 302) and any(p in response["Location"] for p in to_login)


@pytest.fixture
def customer_with_account(ada):
    user = factories.UserFactory(email="ada.account@example.test")
    ada.user = user
    ada.save()
    return user


def test_there_are_closed_doors_at_all():
    assert len(closed_doors()) > 50
    assert len(writing_doors()) > 50


def test_the_stranger_is_refused_everywhere():
    client = stranger()
    let_in = [a for a in closed_doors() if not refused(client.get("/" + a))]
    assert let_in == []


def test_the_signed_in_customer_is_refused_everywhere(customer_with_account):
    client = signed_in(customer_with_account, second_factor=True)
    let_in = [a for a in closed_doors() if not refused(client.get("/" + a))]
    assert [a for a in let_in if not OWN.match(a)] == []


def test_staff_without_the_second_factor_are_refused_everywhere(mia):
    mia.user_permissions.set(Permission.objects.all())
    client = signed_in(mia, second_factor=False)
    let_in = [a for a in closed_doors() if not refused(client.get("/" + a))]
    assert [a for a in let_in if not OWN.match(a)] == []


def test_nobody_without_right_changes_anything_through_the_api(customer_with_account, mia):
    knockers = [
        stranger(),
        signed_in(customer_with_account, second_factor=True),
        signed_in(mia, second_factor=False),
    ]
    let_in = [
        (verb, a)
        for client in knockers
        for verb, a in writing_doors()
        if not refused(getattr(client, verb)("/" + a, {}, content_type="application/json"))
    ]
    assert let_in == []


def test_an_agent_without_the_right_meets_a_closed_page(bea):
    client = signed_in(bea.user, second_factor=True)
    assert client.get("/console/crm/user/").status_code == 403
    assert client.get("/console/crm/user/invite/").status_code == 403
    assert client.get("/console/reports/").status_code == 403


def test_every_socket_is_known_here():
    """Who may open each is told by tests/crm/test_console_socket.py and tests/chat."""
    routes = [str(p.pattern) for p in [*console_sockets, *visitor_sockets]]
    assert routes == ["ws/console/", "ws/visitor/"]  # the second asks for a token in its hello
