"""A known incident as customers read it, and "tell me when it is over"."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from crm import clock
from crm.services import customers, limits
from selfcare.models import Incident
from selfcare.services import incidents
from selfcare.views import pages, visits
from selfcare.views.callback_form import language


class WatchForm(forms.Form):
    mail = forms.EmailField(
        label=gettext_lazy("Your email"),
        help_text=gettext_lazy("One email when it is over; then we forget this address."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """Readable after its end too: the links in mails and bookmarks say that it is over."""
    found = get_object_or_404(Incident.objects.prefetch_related("subjects"), pk=pk)
    if request.method == "POST" and found.is_open:
        return _watch(request, found)
    return _show(request, found, WatchForm(initial=pages.known(request)))


def _watch(request: HttpRequest, found: Incident) -> HttpResponse:
    form = WatchForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    if not limits.allow("incident-watch", limits.sender(request), limit=10, seconds=3600):
        return pages.too_fast(request)
    try:
        incidents.watch(
            found.pk,
            form.cleaned_data["mail"],
            language=language(),
            visit=visits.present(request),
            customer=customers.of_account(request.user),
        )
    except customers.BadIdentity:
        form.add_error("mail", _("This email address does not look right."))
        return _show(request, found, form, status=422)
    except incidents.Over:
        return redirect("selfcare:incident", found.pk)
    request.session["watching"] = [*request.session.get("watching", []), found.pk][-20:]
    return redirect("selfcare:incident", found.pk)


def _show(
    request: HttpRequest, found: Incident, form: WatchForm, status: int = 200
) -> HttpResponse:
    news_late = found.next_news_at is not None and found.next_news_at < clock.now()
    context = pages.common(request) | {
        "incident": found,
        "form": form,
        "news_late": found.is_open and news_late,
        "watching": found.pk in request.session.get("watching", []),
    }
    return render(request, "selfcare/incident.html", context, status=status)
