"""What we hold about the signed-in customer: to see, take along, object to, and have erased."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from crm.models import Consent, Customer, Identity, PrivacyRequest
from crm.services import customers, limits, own_fields, privacy
from selfcare.models import LANGUAGES
from selfcare.services import zones

from . import pages

Kind = PrivacyRequest.Kind
Purpose = Consent.Purpose
_COPIES = {"limit": 5, "seconds": 3600}
_CLICKS = {"limit": 20, "seconds": 3600}


class RecordForm(forms.ModelForm):
    """What people correct themselves; addresses and numbers are proven elsewhere."""

    language = forms.ChoiceField(choices=LANGUAGES, label=gettext_lazy("Language of our letters"))

    class Meta:
        model = Customer
        fields = ("civility", "first_name", "last_name", "town", "language", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_name"].required = True
        present = self.instance.time_zone
        known = {present: zones.title(present) or present} | dict(zones.OFFERED)
        self.fields["time_zone"] = forms.ChoiceField(
            choices=list(known.items()), label=gettext_lazy("Time zone")
        )


@never_cache
@login_required
@require_GET
def my_data(request: HttpRequest) -> HttpResponse:
    return _show(request, customers.of_account(request.user))


def _show(
    request: HttpRequest,
    customer: Customer | None,
    form: RecordForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = pages.common(request) | {"customer": customer, "kept": privacy.rules()}
    if customer:
        context |= {
            "form": form or RecordForm(instance=customer),
            "identities": customer.identities.exclude(kind=Identity.Kind.VISITOR),
            "own": own_fields.shown(customer),
            "exchanges": customer.interactions.count(),
            "visits": customer.visits.count(),
            "purposes": _purposes(customer),
            "asked": list(customer.privacy_requests.all()[:10]),
            "erasing": customer.privacy_requests.filter(
                kind__in=[Kind.ERASE, Kind.DELETE], state__in=["open", "running"]
            ).first(),
        }
    return render(request, "selfcare/my_data.html", context, status=status)


def _mine(limit: dict[str, int]) -> Callable[..., Callable[..., HttpResponseBase]]:
    """A POST of the signed-in customer about their own record; not too often."""

    def wrap(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @never_cache
        @login_required
        @require_POST
        @wraps(view)
        def answer(request: HttpRequest, **named: str) -> HttpResponseBase:
            customer = customers.of_account(request.user)
            if customer is None:
                return redirect("selfcare:my_data")
            if not limits.allow(f"my-data.{view.__name__}", str(customer.pk), **limit):
                messages.error(request, _("That is often enough for now. Try again in an hour."))
                return redirect("selfcare:my_data")
            return view(request, customer, **named)

        return answer

    return wrap


@_mine(_COPIES)
def copy(request: HttpRequest, customer: Customer) -> HttpResponseBase:
    """The archive, at once; written down as a request that is answered."""
    file = privacy.hand_over(customer, by=request.user)
    return FileResponse(file, as_attachment=True, filename="my-data.zip")


@_mine(_CLICKS)
def correct(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Put right at once: it is their own record."""
    form = RecordForm(request.POST, instance=customer)
    if not form.is_valid():
        return _show(request, customers.of_account(request.user), form, status=422)
    form.save()
    messages.success(request, _("Corrected. Everybody who answers you sees it so."))
    return redirect("selfcare:my_data")


@_mine(_CLICKS)
def consent(request: HttpRequest, customer: Customer, purpose: str) -> HttpResponse:
    """One click: not that any more; or again."""
    if purpose not in Purpose.values:
        raise Http404
    if privacy.objects_to(customer, purpose):
        privacy.take_back_objection(customer, purpose, source="portal")
        messages.success(request, _AGAIN[Purpose(purpose)])
    else:
        privacy.object_to(customer, purpose, by=None, source="portal")
        messages.success(request, _NO_MORE[Purpose(purpose)])
    return redirect("selfcare:my_data")


_AGAIN = {
    Purpose.SURVEY: gettext_lazy("We may ask for your opinion again."),
    Purpose.MEMORY: gettext_lazy("Your visits count as yours again, from now on."),
}
_NO_MORE = {
    Purpose.SURVEY: gettext_lazy("We will not ask for your opinion any more."),
    Purpose.MEMORY: gettext_lazy("Done. No visit is linked with you any more, also none so far."),
}


def _purposes(customer: Customer) -> list[dict[str, Any]]:
    """What we may do, and the last word on each."""
    said = customer.consents.order_by("purpose", "-at", "-pk").distinct("purpose")
    last = {one.purpose: one for one in said}
    return [
        {"name": purpose, "said": last.get(purpose), "objects": _refused(last.get(purpose))}
        for purpose in Purpose
    ]


def _refused(said: Consent | None) -> bool:
    return said is not None and not said.granted


@_mine(_CLICKS)
def erase(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Asked for here, begun by a colleague: an open bill or a dispute may stand against it."""
    if "sure" not in request.POST:
        messages.error(request, _("Tick the box first. Nothing was asked for."))
        return redirect("selfcare:my_data")
    privacy.ask(customer, Kind.ERASE)
    messages.success(request, _("We have your request and answer within a month."))
    return redirect("selfcare:my_data")
