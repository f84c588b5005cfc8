"""The verbs of an article's room: a text saved, reviewed, published, scheduled, taken back."""

from collections.abc import Callable
from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from crm.admin import pages
from selfcare.admin import article_room
from selfcare.admin.article_room import CHANGE, PUBLISH, ROOM, signed_in
from selfcare.models import LANGUAGES, Article, Translation, Version
from selfcare.services import articles, versions


class ScheduleForm(forms.Form):
    when = forms.DateTimeField()


@require_POST
def text(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Save a text, or send it one step on."""
    article = article_room.found(pk)
    verb = request.POST.get("verb", "save")
    if language not in dict(LANGUAGES) or not _may(request, verb):
        raise PermissionDenied
    if verb in _WRITES and (refusal := _write(request, article, language)):
        return refusal
    try:
        messages.success(request, _VERBS[verb](request, article, language))
    except tuple(_REFUSALS) as refusal:
        messages.error(request, _REFUSALS[type(refusal)])
    return redirect(reverse("admin:article_room", args=[pk]) + f"#{language}")


def _may(request: HttpRequest, verb: str) -> bool:
    free = verb not in _NEEDS_PUBLISH or request.user.has_perm(PUBLISH)  # type: ignore[union-attr]
    return verb in _VERBS and free


def _write(request: HttpRequest, article: Article, language: str) -> HttpResponse | None:
    """Save what is in the fields; what was wrong with it, on the page."""
    blank = Version(article=article, language=language)
    form = article_room.TextForm(request.POST, instance=blank, prefix=language)
    status = 422
    if form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            versions.write(article, language, form.texts(), by=signed_in(request), seen=seen)
            return None
        except versions.Moved:
            form.add_error(None, _MEANWHILE)
            status = 409
    return article_room.show(request, article, {language: form}, status=status)


_REFUSALS = {
    versions.Moved: _("This text is not there any more: somebody was faster."),
    versions.Incomplete: _("It needs a title and a text first. Your draft is saved."),
    versions.TooEarly: _("Choose a moment that is still to come. Your draft is saved."),
}
_MEANWHILE = _(
    "Somebody else saved this text meanwhile. Yours is still here: copy what you need, then load "
    "the page again."
)


def _submit(request: HttpRequest, article: Article, language: str) -> str:
    versions.submit(article, language)
    return gettext("Sent to be reviewed.")


def _publish(request: HttpRequest, article: Article, language: str) -> str:
    versions.publish(article, language, by=signed_in(request))
    return gettext("Published: customers read it from now on.")


def _schedule(request: HttpRequest, article: Article, language: str) -> str:
    form = ScheduleForm({"when": request.POST.get("when", "").replace("T", " ")})
    when: datetime | None = form.cleaned_data["when"] if form.is_valid() else None
    if when is None:
        raise versions.TooEarly
    versions.schedule(article, language, when, by=signed_in(request))
    return gettext("Scheduled: it appears by itself.")


def _back(request: HttpRequest, article: Article, language: str) -> str:
    versions.send_back(article, language, request.POST.get("remark", "").strip())
    return gettext("Back to its author.")


def _discard(request: HttpRequest, article: Article, language: str) -> str:
    versions.discard(article, language)
    return gettext("The draft is gone. What customers read is as it was.")


def _right(request: HttpRequest, article: Article, language: str) -> str:
    articles.still_right(get_object_or_404(Translation, article=article, language=language))
    return gettext("Noted: this translation is up to date.")


_VERBS: dict[str, Callable[[HttpRequest, Article, str], str]] = {
    "save": lambda *_args: gettext("Draft saved. Customers do not see it yet."),
    "submit": _submit,
    "publish": _publish,
    "schedule": _schedule,
    "approve": _publish,
    "back": _back,
    "discard": _discard,
    "right": _right,
}
_WRITES = {"save", "submit", "publish", "schedule"}  # what is in the fields goes with it
_NEEDS_PUBLISH = {"publish", "schedule", "approve", "back"}


@require_POST
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Customers read an older version again."""
    version = get_object_or_404(
        Version.objects.published().select_related("article"), article=pk, pk=number
    )
    versions.roll_back(version, by=signed_in(request))
    messages.success(
        request,
        gettext("Version %(n)d is what customers read again.") % {"n": version.number},
    )
    return redirect(reverse("admin:article_room", args=[pk]) + f"#{version.language}")


pages.register_page(f"{ROOM}text/<str:language>/", text, "article_text", permission=CHANGE)
pages.register_page(
    f"{ROOM}versions/<int:number>/restore/", restore, "article_restore", permission=PUBLISH
)
