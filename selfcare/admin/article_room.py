"""An article's room: its texts side by side, their way to the reader, and what became of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from crm.admin import pages
from crm.admin.fields import LinesField
from crm.models import User
from selfcare.models import LANGUAGES, Article, ArticleFile, Lesson, Translation, Version
from selfcare.services import article_figures, articles, files, lessons, rich_text, versions
from selfcare.services.editorial import title_of

CHANGE, PUBLISH = "selfcare.change_article", "selfcare.publish_article"
_HISTORY = 30


class TextForm(forms.ModelForm):
    """One language's text."""

    keywords = LinesField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label=_("keywords"),
        help_text=_("One word or phrase a line: how customers call it."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)  # the revision before the writer

    class Meta:
        model = Version
        fields = ("title", "slug", "summary", "body", "keywords", "note", "minor")
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 2}),
            "body": forms.Textarea(attrs={"rows": 16}),
        }

    def clean_body(self) -> str:
        return rich_text.from_editor(self.cleaned_data["body"])

    def texts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class ScheduleForm(forms.Form):
    when = forms.DateTimeField()


@require_safe
def room(request: HttpRequest, pk: int) -> HttpResponse:
    article = get_object_or_404(_articles(), pk=pk)
    return _show(request, article)


def _articles():
    return Article.objects.select_related("category", "subject", "owner").prefetch_related(
        "translations"
    )


def _show(
    request: HttpRequest,
    article: Article,
    given: dict[str, TextForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    context = {
        **admin.site.each_context(request),
        "title": title_of(article),
        "article": article,
        "sides": [_side(article, code, str(name), given or {}) for code, name in LANGUAGES],
        "figures": article_figures.of(article),
        "days": article_figures.DAYS,
        "files": article.files.all(),
        "lessons": Lesson.objects.proven()
        .filter(translation__article=article)
        .select_related("translation")[:_HISTORY],
        "may_change": user.has_perm(CHANGE),  # type: ignore[union-attr]
        "may_publish": user.has_perm(PUBLISH),  # type: ignore[union-attr]
        "words": {
            "h2": gettext("Heading"),
            "h3": gettext("Smaller heading"),
            "source": gettext("The text as HTML"),
            "lost": gettext("The file could not be sent. Please try again."),
        },
    }
    return render(request, "selfcare/console/article_room.html", context, status=status)


def _side(article: Article, code: str, name: str, given: dict[str, TextForm]) -> dict[str, Any]:
    live = next((t for t in article.translations.all() if t.language == code), None)
    known = article.versions.filter(language=code).select_related("author", "published_by")
    history = list(known.published()[:_HISTORY])
    working = known.open().first()
    base: Any = working or live or Version(article=article, language=code)
    seen = working.revision if working else 0
    initial = {"body": rich_text.for_editor(base.body), "seen": seen}
    form = given.get(code) or TextForm(
        instance=_copy(article, code, base), initial=initial, prefix=code
    )
    return {
        "code": code,
        "name": name,
        "live": live,
        "working": working,
        "history": history,
        "form": form,
        "outdated": live is not None and Translation.objects.outdated().filter(pk=live.pk).exists(),
        "changes": list(versions.difference(live.body, working.body)) if live and working else [],
        "address": _public_page(article, live),
        "preview": _on_portal(code, "selfcare:preview", article.pk),
        "is_source": article.source_language == code,
    }


def _copy(article: Article, code: str, base: Version | Translation) -> Version:
    """What the form starts from: never saved itself."""
    if isinstance(base, Version):
        return base
    start = Version(article=article, language=code)
    for name in ("title", "slug", "summary", "body", "keywords"):
        setattr(start, name, getattr(base, name))
    return start


def _public_page(article: Article, live: Translation | None) -> str:
    """On the portal's own host; what not everybody may read has its preview here."""
    if live is None or article.visibility != Article.Visibility.PUBLIC:
        return ""
    return settings.PORTAL_URL + _on_portal(live.language, "selfcare:article", live.slug)


def _on_portal(language: str, name: str, key: object) -> str:
    with override(language):
        return reverse(name, args=[key])


@require_POST
def text(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """Save a text, or send it one step on."""
    article = get_object_or_404(_articles(), pk=pk)
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
    form = TextForm(request.POST, instance=blank, prefix=language)
    status = 422
    if form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            versions.write(article, language, form.texts(), by=_user(request), seen=seen)
            return None
        except versions.Moved:
            form.add_error(None, _MEANWHILE)
            status = 409
    return _show(request, article, {language: form}, status=status)


_REFUSALS = {
    versions.Moved: _("This text is not there any more: somebody was faster."),
    versions.Incomplete: _("It needs a title and a text first. Your draft is saved."),
    versions.TooEarly: _("Choose a moment that is still to come. Your draft is saved."),
}
_MEANWHILE = _(
    "Somebody else saved this text meanwhile. Yours is still here: copy what you need, then load "
    "the page again."
)


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # signed in: the console's door


def _submit(request: HttpRequest, article: Article, language: str) -> str:
    versions.submit(article, language)
    return gettext("Sent to be reviewed.")


def _publish(request: HttpRequest, article: Article, language: str) -> str:
    versions.publish(article, language, by=_user(request))
    return gettext("Published: customers read it from now on.")


def _schedule(request: HttpRequest, article: Article, language: str) -> str:
    form = ScheduleForm({"when": request.POST.get("when", "").replace("T", " ")})
    when: datetime | None = form.cleaned_data["when"] if form.is_valid() else None
    if when is None:
        raise versions.TooEarly
    versions.schedule(article, language, when, by=_user(request))
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
    versions.roll_back(version, by=_user(request))
    messages.success(
        request,
        gettext("Version %(n)d is what customers read again.") % {"n": version.number},
    )
    return redirect(reverse("admin:article_room", args=[pk]) + f"#{version.language}")


@require_POST
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """Checked today; shown; taken off."""
    article = get_object_or_404(Article, pk=pk)
    verb = request.POST.get("verb")
    if verb == "checked":
        articles.checked(article)
        messages.success(request, gettext("Checked today: readers see the date."))
    elif verb in ("show", "take_off"):
        if not request.user.has_perm(PUBLISH):  # type: ignore[union-attr]
            raise PermissionDenied
        articles.publish(article, published=verb == "show")
    return redirect("admin:article_room", pk)


@require_safe
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version beside the one before it."""
    shown = get_object_or_404(
        Version.objects.select_related("author", "published_by", "article"), article=pk, pk=number
    )
    earlier = Version.objects.filter(
        article=pk, language=shown.language, number__lt=shown.number
    ).first()
    context = {
        **admin.site.each_context(request),
        "title": shown.title,
        "version": shown,
        "earlier": earlier,
        "changes": list(versions.difference(earlier.body if earlier else "", shown.body)),
        "may_publish": request.user.has_perm(PUBLISH),  # type: ignore[union-attr]
    }
    return render(request, "selfcare/console/article_version.html", context)


@require_POST
def add_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture dropped into the editor, or a document: `{"url", "name", "picture"}`."""
    article = get_object_or_404(Article, pk=pk)
    sent = request.FILES.get("file")
    if sent is None:
        return JsonResponse({"reason": _REFUSED["kind"]}, status=400)
    try:
        made = files.add(article, sent, by=_user(request))
    except files.Refused as refusal:
        return JsonResponse({"reason": str(_REFUSED[str(refusal)])}, status=422)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse(
            {"url": made.address, "name": made.name, "picture": made.is_picture}, status=201
        )
    return redirect(reverse("admin:article_room", args=[pk]) + "#files")


_REFUSED = {
    "size": _("A file may have up to 10 MB."),
    "kind": _("Pictures, videos, PDF, text and office documents only."),
    "many": _("This article has a hundred files already."),
}


@require_POST
def remove_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    files.remove(get_object_or_404(ArticleFile, article=pk, pk=number))
    return redirect(reverse("admin:article_room", args=[pk]) + "#files")


@require_POST
def forget(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The search believed wrongly that this article answers that question."""
    lessons.remove(get_object_or_404(Lesson, translation__article=pk, pk=number))
    return redirect("admin:article_room", pk)


_ROOM = "articles/<int:pk>/"
for path, view, name, permission in (
    (_ROOM, room, "article_room", "selfcare.view_article"),
    (f"{_ROOM}text/<str:language>/", text, "article_text", CHANGE),
    (f"{_ROOM}state/", state, "article_state", CHANGE),
    (f"{_ROOM}versions/<int:number>/", version, "article_version", "selfcare.view_article"),
    (f"{_ROOM}versions/<int:number>/restore/", restore, "article_restore", PUBLISH),
    (f"{_ROOM}lessons/<int:number>/remove/", forget, "article_forget", CHANGE),
    (f"{_ROOM}files/", add_file, "article_files", CHANGE),
    (f"{_ROOM}files/<int:number>/remove/", remove_file, "article_file_remove", CHANGE),
):
    pages.register_page(path, view, name, permission=permission)
