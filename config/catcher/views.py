"""The catcher's pages. A caught mail's HTML has an address and a policy of its own."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from config.catcher import store
from config.catcher import write as writing
from tickets.mail.parse import parse

# No script, nothing loaded from anywhere; the mail's own styles and inline pictures only.
_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_BASE = '<base target="_blank">'


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    return render(request, "catcher/inbox.html", _listed(request))


@require_GET
def fragment(request: HttpRequest) -> HttpResponse:
    """The list alone, for the page that asks again every few seconds."""
    return render(request, "catcher/_list.html", _listed(request))


def _listed(request: HttpRequest) -> dict[str, object]:
    search = request.GET.get("q", "")[:200]
    return {"mails": store.newest(search), "q": search}


def _caught(key: str) -> tuple[store.Caught, bytes]:
    found = store.get(key)
    if found is None:
        raise Http404
    return found


@require_GET
def show(request: HttpRequest, key: str) -> HttpResponse:
    caught, raw = _caught(key)
    return render(
        request,
        "catcher/show.html",
        {"caught": caught, "mail": parse(raw), "size": len(raw), **_listed(request)},
    )


@require_GET
@xframe_options_sameorigin
def html(request: HttpRequest, key: str) -> HttpResponse:
    """What we sent, as we made it: our own HTML, still behind a sandbox."""
    letter = _own_html(_caught(key)[1])
    # its links open as they do from a mail program: not inside the frame, where no page may stand
    before, head, after = letter.partition("<head>")
    letter = f"{before}{head}{_BASE}{after}" if head else _BASE + letter
    response = HttpResponse(letter)
    response["Content-Security-Policy"] = _POLICY
    return response


def _own_html(raw: bytes) -> str:
    from tickets.mail import charset
    from tickets.mail.mime import read

    root, _cut = read(raw)
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.content_type == "text/html" and not part.children:
            return charset.decode(part.content(), part.charset)
        waiting.extend(part.children)
    return ""


@require_GET
def source(request: HttpRequest, key: str) -> HttpResponse:
    return HttpResponse(_caught(key)[1], content_type="text/plain; charset=utf-8")


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Write as a customer; `?reply=` answers a caught mail as its recipient would."""
    key = request.GET.get("reply", "")
    caught, raw = _caught(key) if key else (None, b"")
    original = parse(raw) if caught else None
    language = get_language() or "fr"
    if request.method == "POST":
        form = writing.MailForm(request.POST)
        if form.is_valid():
            try:
                writing.send(form, original)
            except writing.NotTaken as error:
                form.add_error(None, _("The mail was not taken: %(why)s") % {"why": error})
            else:
                messages.success(request, _("Sent. It is in the agents' queue within seconds."))
                return redirect("catcher:inbox")
    else:
        filled = (
            writing.reply_to(original, caught.recipients, language) if original and caught else {}
        )
        form = writing.MailForm(initial=filled)
    return render(
        request,
        "catcher/write.html",
        {"form": form, "caught": caught, "reply": key},
        status=400 if form.errors else 200,
    )
