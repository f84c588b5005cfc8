"""Mail's public door: where providers post what came for a mailbox."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.services import limits
from tickets.services import hooks, provider_reports

A_MINUTE = 1_200  # posts to one mailbox
WRONG_A_MINUTE = 20  # posts from one address that prove nothing


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def hook(request: HttpRequest, mailbox_id: int, provider: str) -> HttpResponse:
    """200: it is stored. Anything else: the provider tries again, or learns that it is wrong."""
    if request.method == "HEAD":  # some look whether the address is there before they keep it
        return HttpResponse()
    if not limits.allow("mail_hook", str(mailbox_id), limit=A_MINUTE, seconds=60):
        return _later()
    found = hooks.open_hook(mailbox_id, provider)
    try:
        if found is None:
            raise hooks.Unproven
        hooks.take(request, found)
    except hooks.Unproven:
        sender = limits.sender(request)
        if not limits.allow("mail_hook_wrong", sender, limit=WRONG_A_MINUTE, seconds=60):
            return _later()
        return HttpResponse(status=403)
    except hooks.TooLarge:
        return HttpResponse(status=413)
    return HttpResponse()


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def reports(request: HttpRequest, provider: str) -> HttpResponse:
    """What became of the mails that our provider has sent."""
    if request.method == "HEAD":
        return HttpResponse()
    if not limits.allow("mail_reports", provider[:40], limit=A_MINUTE, seconds=60):
        return _later()
    try:
        provider_reports.take(request, provider)
    except hooks.Unproven:
        return HttpResponse(status=403)
    except (ValueError, KeyError, TypeError):  # no report of theirs, whatever it is
        return HttpResponse(status=400)
    return HttpResponse()


def _later() -> HttpResponse:
    return HttpResponse(status=429, headers={"Retry-After": "60"})
