"""The console's page that ends the demo and leaves the settings."""

from typing import cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.demo import removal
from crm.admin.pages import register_page
from crm.models import User


def _may(request: HttpRequest) -> bool:
    """Administrators, as long as there is something to remove."""
    user = cast(User, request.user)
    # by a permission that only they have: permissions are read once a request, groups are not
    is_one = user.has_perm("auth.delete_group")
    return is_one and not removal.was_removed()


def remove_page(request: HttpRequest) -> HttpResponse:
    """Asks once more, then does it. The word protects from a slip, not from a stranger."""
    word = _("remove")
    wrong = False
    if request.method == "POST":
        if request.POST.get("word", "").strip().casefold() == word.casefold():
            removal.remove(by=cast(User, request.user))
            messages.success(request, _("The demo data is gone. Your settings are as they were."))
            return redirect("admin:index")
        wrong = True
    context = admin.site.each_context(request) | {
        "title": _("Remove demo data"),
        "word": word,
        "wrong": wrong,
    }
    return render(request, "demo/remove.html", context)


register_page(
    "remove-demo-data/",
    remove_page,
    "remove_demo_data",
    gettext_lazy("Remove demo data"),
    icon="delete_sweep",
    permission=_may,
    group="settings",
)
