"""The console: Django's admin in unfold's clothes, with our own pages and our own sidebar."""

import time
from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from allauth.account.decorators import secure_admin_login
from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import Favicon, SearchResult
from unfold.sites import UnfoldAdminSite

from config import dashboard

if TYPE_CHECKING:
    from crm.admin.pages import Page
from crm.models import Interaction
from crm.services import rights, search
from crm.services.access import may_work
from crm.services.finding import find_customers
from crm.text import excerpt

GROUPS = {
    "desk": gettext_lazy("Desk"),
    "customers": gettext_lazy("Customers"),
    "exchanges": gettext_lazy("Exchanges"),
    "help": gettext_lazy("Help"),
    "surveys": gettext_lazy("Surveys"),
    "reports": gettext_lazy("Reports"),
    "settings": gettext_lazy("Settings"),
}

# the reports as they are read: now, the week, then what lies behind; whatever is not named follows
REPORTS = (
    "reports", "report_live", "report_intraday", "report_monday", "report_channels", "report_by",
    "report_teams", "report_satisfaction", "autonomy", "report_journeys", "chat_figures",
    "chat_simulator", "report_views", "report_definitions",
)  # fmt: skip

# where a model's list goes, and its icon; a model that is not named here goes under settings
PLACES = {
    "crm.Customer": ("customers", "person"),
    "crm.Organisation": ("customers", "apartment"),
    "crm.OwnField": ("settings", "tune"),
    "crm.Interaction": ("exchanges", "forum"),
    "crm.Complaint": ("exchanges", "sentiment_dissatisfied"),
    "tickets.Mail": ("exchanges", "mail"),
    "tickets.Quarantine": ("exchanges", "report"),
    "tickets.Mailbox": ("settings", "inbox"),
    "tickets.SenderRule": ("settings", "block"),
    "tickets.SigningKey": ("settings", "signature"),
    "crm.ReplyTemplate": ("settings", "quickreply"),
    "crm.Macro": ("settings", "bolt"),
    "crm.ToneGuide": ("settings", "edit_note"),
    "crm.Block": ("customers", "block"),
    "crm.HardMoment": ("exchanges", "priority_high"),
    "crm.HardSheet": ("settings", "emergency_home"),
    "crm.StopRule": ("settings", "front_hand"),
    "selfcare.Callback": ("exchanges", "call"),
    "selfcare.PhoneNumber": ("help", "call"),
    "selfcare.Action": ("help", "bolt"),
    "selfcare.SubjectManners": ("settings", "gavel"),
    "selfcare.Synonyms": ("help", "compare_arrows"),
    "selfcare.CallRule": ("settings", "phone_forwarded"),
    "selfcare.Incident": ("exchanges", "warning"),
    "selfcare.Article": ("help", "menu_book"),
    "selfcare.Category": ("help", "folder"),
    "selfcare.Vote": ("help", "thumbs_up_down"),
    "selfcare.Survey": ("surveys", "rate_review"),
    "selfcare.SurveyInvitation": ("surveys", "outgoing_mail"),
    "selfcare.Answer": ("surveys", "star"),
    "chat.Site": ("settings", "language"),
    "chat.QueueSettings": ("settings", "hourglass_bottom"),
    "chat.InvitationRule": ("settings", "waving_hand"),
    "chat.Chat": ("exchanges", "chat"),
    "chat.Invitation": ("exchanges", "waving_hand"),
    "crm.Subject": ("settings", "account_tree"),
    "crm.Schedule": ("settings", "schedule"),
    "crm.Target": ("settings", "timer"),
    "crm.Recourse": ("settings", "gavel"),
    "crm.ReportSettings": ("settings", "euro"),
    "crm.Queue": ("settings", "stacks"),
    "crm.Team": ("settings", "groups"),
    "crm.Agent": ("settings", "support_agent"),
    "crm.Skill": ("settings", "workspace_premium"),
    "crm.Shift": ("settings", "calendar_clock"),
    "crm.User": ("settings", "badge"),
    "auth.Group": ("settings", "shield_person"),
    "crm.PrivacyRequest": ("customers", "privacy_tip"),
    "crm.AuditEntry": ("settings", "policy"),
}
# the sign-in library's own: people keep theirs on their account's pages
_UNLISTED = {"account.EmailAddress", "mfa.Authenticator"}
_ORDER = {name: position for position, name in enumerate(PLACES)}


class ConsoleSite(UnfoldAdminSite):
    """Staff behind two factors; one relaxation of the content policy (unfold's inline widths)."""

    site_title = "Bravo"
    site_header = "Bravo"
    index_title = gettext_lazy("Today")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return may_work(request.user, request.session)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Colleagues sign in where everybody does (allauth); no second form to guess at."""
        return secure_admin_login(super().login)(request, extra_context)

    def admin_view(self, view: Callable, cacheable: bool = False) -> Callable:
        inner = super().admin_view(view, cacheable)
        return csp_replace({"style-src-attr": [UNSAFE_INLINE]})(inner)

    def extra_urls(self) -> list:
        return [path(p.path, self.admin_view(_guarded(p)), name=p.name) for p in _pages()]

    def extra_context(self, context: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
        """Called by unfold at the end of each_context: what our frame differs in."""
        logo = static("theme/logo.svg")
        return context | {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_icon": logo,
            "site_url": settings.PORTAL_URL,
            "site_favicons": [Favicon(href=logo, rel="icon", type="image/svg+xml")],
            "show_languages": True,
            "account_links": _account_links(request),
            "modules": [static(name) for name in MODULES],
            "colors": None,
        }

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().index(request, dashboard.context(request) | (extra_context or {}))

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Only for the page of one app: every page's frame asks for all of them, two hundred
        permissions and addresses, and our sidebar shows none of it."""
        return super().get_app_list(request, app_label) if app_label else []

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        groups: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS}
        for page in sorted(_pages(), key=_reading_order):
            if page.icon and page.allows(request):
                groups[page.group].append(_page_item(page))
        for model, model_admin in sorted(self._registry.items(), key=_position):
            unlisted = model._meta.label in _UNLISTED
            if model_admin.has_view_permission(request) and not unlisted:
                group, _icon = PLACES.get(model._meta.label, ("settings", ""))
                groups[group].append(_model_item(model_admin))
        _mark_here(request.path, [item for items in groups.values() for item in items])
        return [{"title": GROUPS[name], "items": items} for name, items in groups.items() if items]

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The palette: at the desk what can be done there, pages and lists by name, interactions by
        number, customers by name.

        Not unfold's: that one caches plain and extended results under one key for five minutes,
        so that rights taken away stay visible."""
        began, term = time.perf_counter(), request.GET.get("s", "").strip()
        if not term:
            return HttpResponse()
        results = _commands(request, term) + self._pages_called(request, term.lower())
        results += _interactions(request, term) + _customers(request, term)
        results += _messages(request, term)
        extended = "extended" in request.GET
        name = "command_results" if extended else "search_results"
        context = {
            "page_obj": _OnePage(len(results)),
            "results": results,
            "page_counter": 0,
            "execution_time": time.perf_counter() - began,
            "command_show_history": False,
        }
        return TemplateResponse(
            request, f"unfold/helpers/{name}.html", context, headers={"HX-Trigger": "search"}
        )

    def _pages_called(self, request: HttpRequest, term: str) -> list[SearchResult]:
        return [
            SearchResult(str(item["title"]), str(group["title"]), str(item["link"]), item["icon"])
            for group in self.get_sidebar_list(request)
            for item in group["items"]
            if term in str(item["title"]).lower()
        ]


class _OnePage:
    """The little of a paginator that unfold's result templates read."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.num_pages = 1


MODULES: list[str] = ["crm/hints.js", "crm/live.js"]  # ES modules of every console page


def _pages() -> "list[Page]":
    # not at the top: registering there asks for the site, which is made from this module
    from crm.admin.pages import pages

    return pages()


def _guarded(page: "Page") -> Callable:
    @wraps(page.view)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not page.allows(request):
            raise PermissionDenied
        return page.view(request, *args, **kwargs)

    return view


def _position(entry: tuple[Any, ModelAdmin]) -> tuple[int, str]:
    label = entry[0]._meta.label
    return _ORDER.get(label, len(_ORDER)), label


def _reading_order(page: "Page") -> int:
    return REPORTS.index(page.name) if page.name in REPORTS else len(REPORTS)


def _mark_here(path: str, items: list[dict[str, Any]]) -> None:
    """One place: /reports/ is not where we are when /reports/intraday/ is."""
    links = (str(item["link"]) for item in items)
    here = max((link for link in links if path.startswith(link)), key=len, default="")
    for item in items:
        item["active"] = item["link"] == here


_link = cache(reverse)  # the sidebar's, of which every page has dozens


def _page_item(page: "Page") -> dict[str, Any]:
    link = _link(f"admin:{page.name}")
    return {"title": page.title, "icon": page.icon, "link": link}


def _model_item(model_admin: ModelAdmin) -> dict[str, Any]:
    meta = model_admin.model._meta
    link = _link(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    _group, icon = PLACES.get(meta.label, ("settings", "tune"))
    title = str(meta.verbose_name_plural)
    return {
        "title": title[:1].upper() + title[1:],
        "icon": icon,
        "link": link,
    }


def _account_links(request: HttpRequest) -> list[dict[str, Any]]:
    links = [(_("Sign-in and security"), "mfa_index"), (_("Password"), "account_change_password")]
    return [{"title": title, "link": reverse(name)} for title, name in links]


def _commands(request: HttpRequest, term: str) -> list[SearchResult]:
    """With the open exchange of the desk from which the palette was opened."""
    from crm.admin.desk import commands  # as above

    desk = reverse("admin:workspace")
    if urlsplit(request.headers.get("HX-Current-URL", "")).path != desk:
        return []
    return [
        SearchResult(one.full, _("With this exchange"), f"{desk}#do-{one.name}", one.icon)
        for one in commands.called(term)
    ]


def _interactions(request: HttpRequest, term: str) -> list[SearchResult]:
    found = Interaction.objects.by_reference(term).visible_to(request.user)
    return [
        SearchResult(
            f"{row.reference} {row.title}",
            str(row.customer),
            reverse("admin:crm_interaction_change", args=[row.pk]),
            "forum",
        )
        for row in found.select_related("customer")[:3]
    ]


def _messages(request: HttpRequest, term: str) -> list[SearchResult]:
    """The best three, and the way to all of them."""
    if not request.user.has_perm("crm.view_interaction"):  # type: ignore[union-attr]
        return []
    best = [
        SearchResult(
            excerpt(found.passage.text, 90),
            f"{found.reference} · {found.customer_name}",
            reverse("admin:crm_interaction_change", args=[found.interaction]),
            "chat_bubble",
        )
        for found in search.find_messages(request.user, term, best=True, size=3).found
    ]
    everything = f"{reverse('admin:find')}?{urlencode({'q': term})}"
    title = _("Search everything for “%(term)s”") % {"term": term}
    return [*best, SearchResult(title, _("Customers, exchanges, messages"), everything, "search")]


def _customers(request: HttpRequest, term: str) -> list[SearchResult]:
    if not request.user.has_perm("crm.view_customer"):  # type: ignore[union-attr]
        return []
    return [
        SearchResult(
            str(customer),
            _("Customer"),
            reverse("admin:crm_customer_change", args=[customer.pk]),
            "person",
        )
        for customer in find_customers(term, within=rights.customers_for(request.user))[:8]
    ]
