"""Demo only: the page with the doors, and the doors. Never in the addresses without DEMO."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache

from config.demo import links
from config.demo.environment import HOSTS
from config.demo.history import run as history
from crm.models import User
from crm.services.access import DEMO_KEY

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """One person per role, one click each."""
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
    there = links.people()
    doors = [
        {"role": role, "who": who, "title": title, "words": text, "url": _on_its_host(role)}
        for role, (who, title, text) in words.items()
        if role in there
    ]
    done, days = history.progress()
    context: dict[str, object] = {"doors": doors, "shop": _at("shop") + "/boutique/"}
    if 0 < done < days:
        context["history"] = _("History: %(done)s of %(all)s days") % {"done": done, "all": days}
    return render(request, "demo/page.html", context)


def _on_its_host(role: str) -> str:
    """Each role has its own host, so that four tabs are four people."""
    hosts = {"customer": "portal", "agent": "console", "administrator": "admin"}
    return _at(hosts.get(role, role)) + links.link(role)


def _at(name: str) -> str:
    host = HOSTS[name]
    # one host for all works too: what this installation does not answer to is not offered
    return f"http://{host}:{settings.PORT}" if host in settings.ALLOWED_HOSTS else ""


@never_cache
def enter(request: HttpRequest, role: str, token: str) -> HttpResponse:
    """Exchange the link for a session on this host, marked `demo`."""
    if not settings.DEMO:
        raise Http404
    try:
        user = User.objects.get(email=links.email_behind(role, token), is_active=True)
    except (links.NoSuchDoor, User.DoesNotExist):
        raise Http404 from None
    login(request, user, backend=BACKEND)
    request.session[DEMO_KEY] = True
    if not user.is_staff:
        return redirect("/")
    return redirect(
        {"agent": "admin:workspace", "manager": "admin:reports"}.get(role, "admin:index")
    )
