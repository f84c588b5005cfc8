"""Pages of the console that are not a model's list: the desk, the reports, what apps add.

An app registers its page when its admin module is imported; the site (config/console.py) gives
it an address, checks the permission and draws its line in the sidebar.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import Promise

from crm.reports import paper

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Page:
    """One page under /console/. `permission` is a codename ("crm.view_reports"), a function of
    the request, or None for all staff. Without `icon` it has no line in the sidebar."""

    path: str
    view: View
    name: str  # reversed as `admin:{name}`
    title: str | Promise = ""
    icon: str = ""  # a Material Symbols name
    group: str = "desk"  # desk, customers, exchanges, help, surveys, reports, settings
    permission: str | Callable[[HttpRequest], bool] | None = None

    def allows(self, request: HttpRequest) -> bool:
        if self.permission is None:
            return True
        if callable(self.permission):
            return self.permission(request)
        return bool(request.user.has_perm(self.permission))  # type: ignore[union-attr]


_pages: dict[str, Page] = {}


def register_page(
    path: str,
    view: View,
    name: str,
    title: str | Promise = "",
    icon: str = "",
    permission: str | Callable[[HttpRequest], bool] | None = None,
    group: str = "desk",
    *,
    on_paper: bool = False,
) -> None:
    """Give the console one more page; with `on_paper`, also as PDF (crm.reports.paper).
    `view(request, **kwargs)`; its template gets the frame's context from
    `django.contrib.admin.site.each_context(request)`."""
    page = _pages[name] = Page(path, view, name, title, icon, group, permission)
    if on_paper:
        paper.register(name, page)


def pages() -> list[Page]:
    return list(_pages.values())
