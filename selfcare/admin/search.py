"""What editors do for the search: synonyms, and the worklist of what was not found."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from crm.admin import pages
from crm.admin.fields import LinesField
from selfcare.models import Synonyms
from selfcare.services import articles, failed_searches, versions


class SynonymsForm(forms.ModelForm):
    words = LinesField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        label=_("words that mean the same"),
        help_text=_("One word or phrase a line: zapette, télécommande, remote."),
    )

    class Meta:
        model = Synonyms
        fields = ("language", "words")

    def clean_words(self) -> list[str]:
        words: list[str] = self.cleaned_data["words"]
        if len(words) < 2:
            raise forms.ValidationError(gettext("Give at least two."))
        return [word[:80] for word in words[:20]]


@admin.register(Synonyms)
class SynonymsAdmin(ModelAdmin):
    form = SynonymsForm
    list_display = ("__str__", "language", "changed_at")
    list_filter = ("language",)

    def save_model(self, request: HttpRequest, obj: Synonyms, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        articles.changed()

    def delete_model(self, request: HttpRequest, obj: Synonyms) -> None:
        super().delete_model(request, obj)
        articles.changed()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        articles.changed()


def worklist(request: HttpRequest) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": gettext("Searches without an answer"),
        "groups": failed_searches.worklist(),
        "days": failed_searches.DAYS,
        "may_write": request.user.has_perm("selfcare.add_article"),  # type: ignore[union-attr]
    }
    return render(request, "selfcare/console/failed_searches.html", context)


@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """The article that was missing, begun with the words of those who looked for it."""
    language = "en" if request.POST.get("language") == "en" else "fr"
    text = request.POST.get("text", "")[:200].strip()
    if not text or failed_searches.is_personal(text):
        return redirect("admin:failed_searches")
    begun = versions.begin(text, language, request.POST.getlist("form"), by=request.user)  # type: ignore[arg-type]
    return redirect(reverse("admin:article_room", args=[begun.pk]) + f"#{language}")


@require_POST
def deal_with(request: HttpRequest) -> HttpResponse:
    language, key = request.POST.get("language", ""), request.POST.get("key", "")
    if language in ("fr", "en") and key:
        failed_searches.deal_with(language, key, by=request.user)  # type: ignore[arg-type]
    return redirect("admin:failed_searches")


pages.register_page(
    "searches/",
    worklist,
    "failed_searches",
    title=_("Searches without an answer"),
    icon="search_off",
    permission="selfcare.change_article",
    group="help",
)
pages.register_page(
    "searches/write/", write, "failed_search_write", permission="selfcare.add_article"
)
pages.register_page(
    "searches/done/", deal_with, "failed_search_done", permission="selfcare.change_article"
)
