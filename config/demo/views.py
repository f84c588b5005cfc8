"""Demo only: the page with the doors, what to try, and the doors. Never in the addresses without
DEMO."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from chat.models import Site
from config.demo import actions, brake, cuts, links, removal, stories
from config.demo.environment import HOSTS
from config.demo.history import run as history
from config.demo.history.volumes import PARIS
from crm import clock
from crm.models import AgentState, Interaction, Queue, User
from crm.services import limits
from crm.services.access import DEMO_KEY

_TAG = '<script async src="%s/widget/loader.js" data-site="boutique"></script>'
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """One person per role, one click each; then what to try in ten minutes."""
    there = links.people()
    context: dict[str, object] = {
        "doors": [door for door in _doors() if door["role"] in there],
        "shop": _at("shop") + "/boutique/",
    }
    done, days = history.progress()
    if 0 < done < days:
        context["history"] = _("History: %(done)s of %(all)s days") % {"done": done, "all": days}
    if not removal.is_over():
        context |= _lively()
    return render(request, "demo/page.html", context)


def _doors() -> Iterator[dict[str, str]]:
    words = {
        "customer": (
            "Ada",
            pgettext("demo", "Customer"),
            _("Searches for help, chats, writes, asks for a call."),
        ),
        "agent": (
            "Bea",
            pgettext("demo", "Agent"),
            _("Answers chats, mails and calls at the desk."),
        ),
        "manager": ("Mia", _("Manager"), _("Reads the reports and looks after the queues.")),
        "administrator": (
            "Alex",
            _("Administrator"),
            _("Invites colleagues, sets hours and rules."),
        ),
        "auditor": (
            "Paul",
            _("Auditor"),
            _("Reads everything, the audit trail too; changes nothing."),
        ),
    }
    for role, (who, title, text) in words.items():
        yield {
            "role": role,
            "who": who,
            "title": title,
            "words": text,
            "url": _on_its_host(role),
        }


def _lively() -> dict[str, object]:
    """What is going on now, and all that can be done with it."""
    simulated = Interaction.objects.open().filter(customer__is_simulated=True)
    shop = Site.objects.get(key="boutique")
    at = clock.now().astimezone(PARIS)
    asked = {
        "site": shop.pk,
        "url": "/boutique/mobile/",
        "seconds": 60,
        "at": f"{at:%Y-%m-%d}T14:10",
        "pages": 1,
    }
    return {
        "brake": brake.read(),
        "chatting": simulated.filter(channel="chat").count(),
        "redis": cuts.may_cut_redis(),
        "tag": _TAG % _at("portal"),
        "catcher": _at("admin") + reverse("catcher:inbox"),
        "why": _inside("manager", f"{reverse('admin:chat_simulator')}?{urlencode(asked)}"),
        "import_url": _inside("administrator", f"{reverse('admin:editors')}#title-files"),
        "remove_url": _inside("administrator", reverse("admin:remove_demo_data")),
        "sites_url": _inside("administrator", reverse("admin:chat_site_changelist")),
        "incidents_url": _inside("manager", reverse("admin:selfcare_incident_changelist")),
        "stories": [
            {
                "title": story.title,
                "text": story.text,
                "clicks": [(words, _inside("manager", path)) for words, path in story.clicks],
            }
            for story in stories.all_of_them()
        ],
    }


def _on_its_host(role: str) -> str:
    """Each role has its own host, so that four tabs are four people."""
    hosts = {"customer": "portal", "agent": "console", "administrator": "admin"}
    return _at(hosts.get(role, role)) + links.link(role)


def _inside(role: str, path: str) -> str:
    """A page of theirs, behind their door."""
    return f"{_on_its_host(role)}?{urlencode({'next': path})}"


def _at(name: str) -> str:
    host = HOSTS[name]
    # one host for all works too: what this installation does not answer to is not offered
    return f"http://{host}:{settings.PORT}" if host in settings.ALLOWED_HOSTS else ""


@never_cache
def enter(request: HttpRequest, role: str, token: str) -> HttpResponse:
    """Exchange the link for a session on this host, marked `demo`; whoever is in already stays."""
    if not settings.DEMO:
        raise Http404
    try:
        user = User.objects.get(email=links.email_behind(role, token), is_active=True)
    except (links.NoSuchDoor, User.DoesNotExist):
        raise Http404 from None
    if request.user != user:
        login(request, user, backend=BACKEND)
    request.session[DEMO_KEY] = True
    wanted = request.GET.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return redirect(wanted)
    if not user.is_staff:
        return redirect("/")
    return redirect(
        {"agent": "admin:workspace", "manager": "admin:reports"}.get(role, "admin:index")
    )


@never_cache
@require_GET
def pace(request: HttpRequest) -> JsonResponse:
    """What simulated people ask every second: how many come, whether they go on, and which queues
    somebody real serves."""
    now = brake.read()
    real = AgentState.objects.filter(until=None, agent__is_simulated=False)
    at_work = real.filter(state__in=AgentState.READY).values("agent")
    served = Queue.objects.filter(agents__in=at_work).values_list("slug", flat=True).distinct()
    return JsonResponse(
        {
            "traffic": now.traffic,
            "paused": now.paused,
            "mondays": now.mondays,
            "over": removal.is_over(),
            "served": list(served),
        }
    )


@require_POST
def do(request: HttpRequest, word: str) -> HttpResponse:
    """One of the page's buttons."""
    if word not in actions.DO or removal.is_over():
        raise Http404
    if not limits.allow("demo.do", limits.sender(request), limit=30, seconds=60):
        messages.error(request, _("That was a lot at once. Please wait a minute."))
        return redirect("demo")
    try:
        messages.success(request, actions.DO[word]())
    except actions.Already as so:
        messages.info(request, str(so))
    return redirect(f"{reverse('demo')}#try")
