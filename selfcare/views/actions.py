"""An action followed: counted, then on to the company's own customer area."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from crm.models import VisitStep
from selfcare.models import Action
from selfcare.views import visits


@require_safe
def action(request: HttpRequest, pk: int) -> HttpResponse:
    """Only addresses that editors wrote: nobody is led elsewhere by a link to us."""
    found = get_object_or_404(Action, pk=pk, is_active=True)
    visits.step(request, VisitStep.Kind.ACTION, found.name, target=found.target)
    return HttpResponseRedirect(found.url, headers={"Cache-Control": "no-store"})
