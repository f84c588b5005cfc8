"""An article's room: its texts side by side, and what became of them."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from crm.admin import pages
from crm.admin.fields import LinesField
from crm.models import User
from selfcare.models import LANGUAGES, Article, Lesson, Translation, Version
from selfcare.services import article_figures, articles, lessons, rich_text, versions
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


@require_safe
def room(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, found(pk))


def found(pk: int) -> Article:
    rows = Article.objects.select_related("category", "subject", "owner")
    return get_object_or_404(rows.prefetch_related("translations"), pk=pk)


def signed_in(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # signed in: the console's door


def show(
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
        "words": _words(),
    }
    return render(request, "selfcare/console/article_room.html", context, status=status)


def _words() -> dict[str, Any]:
    """What the editor says; `toolbar` by the names that Trix gives its buttons."""
    return {
        "h2": gettext("Heading"),
        "h3": gettext("Smaller heading"),
        "source": gettext("The text as HTML"),
        "lost": gettext("The file could not be sent. Please try again."),
        "underway": gettext("A file is still being sent: please wait until it is there."),
        "toolbar": {
            "bold": gettext("Bold"),
            "italic": gettext("Italic"),
            "strike": gettext("Struck through"),
            "link": gettext("Link"),
            "unlink": gettext("Remove the link"),
            "url": gettext("Address"),
            "urlPlaceholder": gettext("An address…"),
            "quote": gettext("Quotation"),
            "code": gettext("Code"),
            "bullets": gettext("List"),
            "numbers": gettext("Steps"),
            "indent": gettext("One level deeper"),
            "outdent": gettext("One level up"),
            "attachFiles": gettext("Add pictures or files"),
            "captionPlaceholder": gettext("A caption…"),
            "remove": gettext("Remove"),
            "undo": gettext("Undo"),
            "redo": gettext("Redo"),
        },
    }


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
def forget(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The search believed wrongly that this article answers that question."""
    lessons.remove(get_object_or_404(Lesson, translation__article=pk, pk=number))
    return redirect("admin:article_room", pk)


ROOM = "articles/<int:pk>/"
for path, view, name, permission in (
    (ROOM, room, "article_room", "selfcare.view_article"),
    (f"{ROOM}state/", state, "article_state", CHANGE),
    (f"{ROOM}versions/<int:number>/", version, "article_version", "selfcare.view_article"),
    (f"{ROOM}lessons/<int:number>/remove/", forget, "article_forget", CHANGE),
):
    pages.register_page(path, view, name, permission=permission)
