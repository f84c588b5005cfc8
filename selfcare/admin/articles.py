"""Help articles in the console: what editors write, check and publish."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from unfold.admin import ModelAdmin, StackedInline
from unfold.widgets import UnfoldAdminTextareaWidget

from crm.admin.fields import LinesField
from crm.admin.read_only import ReadOnlyAdmin
from selfcare.models import Article, Category, Translation, Vote
from selfcare.services import articles


class TranslationForm(forms.ModelForm):
    keywords = LinesField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        label=_("keywords"),
        help_text=_("One word or phrase a line: how customers call it."),
    )

    class Meta:
        model = Translation
        fields = ("language", "title", "slug", "summary", "body", "keywords")


class TranslationInline(StackedInline):
    model = Translation
    form = TranslationForm
    max_num = 2
    tab = True

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return int("wanted" in request.GET)


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    list_display = ("name_fr", "name_en", "icon", "position")
    search_fields = ("name_fr", "name_en", "slug")

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        articles.changed()


@admin.register(Article)
class ArticleAdmin(ModelAdmin):
    list_display = ("name", "category", "subject", "is_published", "visibility", "judged")
    list_filter = ("is_published", "visibility", "category")
    list_select_related = ("category", "subject")
    search_fields = ("external_id", "translations__title", "translations__keywords")
    autocomplete_fields = ("related", "category")
    inlines = (TranslationInline,)
    actions = ("publish", "take_off")
    fields = (
        ("external_id", "category", "subject"),
        ("is_published", "visibility"),
        ("verified_on", "position"),
        "related",
    )

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str, **kwargs: Any
    ) -> dict[str, Any]:
        """From the worklist of failed searches: its words are the title and a keyword."""
        made = super().get_formset_kwargs(request, obj, inline, prefix, **kwargs)
        wanted = request.GET.get("wanted", "")[:200]
        if wanted and inline.model is Translation and request.method == "GET":
            language = "en" if request.GET.get("language") == "en" else "fr"
            made["initial"] = [{"title": wanted, "language": language, "keywords": [wanted]}]
        return made

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        votes = Count("translations__votes")
        helped = Count("translations__votes", filter=Q(translations__votes__helpful=True))
        rows = super().get_queryset(request).prefetch_related("translations")
        return rows.annotate(vote_count=votes, helped_count=helped)

    @admin.display(description=_("title"))
    def name(self, article: Article) -> str:
        titles = {row.language: row.title for row in article.translations.all()}
        return titles.get("fr") or next(iter(titles.values()), article.external_id)

    @admin.display(description=_("helped"), ordering="helped_count")
    def judged(self, article: Any) -> str:
        return f"{article.helped_count} / {article.vote_count}" if article.vote_count else "–"

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        articles.changed()

    def delete_model(self, request: HttpRequest, obj: Article) -> None:
        super().delete_model(request, obj)
        articles.changed()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        super().delete_queryset(request, queryset)
        articles.changed()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Texts go through the service: made safe, with an address, the former one kept."""
        for translation in formset.save(commit=False):
            articles.save(translation)
        for gone in formset.deleted_objects:
            gone.delete()
        formset.save_m2m()
        articles.changed()

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        for article in Article.objects.filter(pk__in=queryset.values("pk")):
            articles.publish(article)

    @admin.action(description=_("Take off"), permissions=["change"])
    def take_off(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        for article in Article.objects.filter(pk__in=queryset.values("pk")):
            articles.publish(article, published=False)


@admin.register(Vote)
class VoteAdmin(ReadOnlyAdmin):
    """Read only: what readers said of an article."""

    list_display = ("translation", "page", "helpful", "reason", "at")
    list_filter = ("helpful", "translation__language")
    list_select_related = ("translation",)
    search_fields = ("translation__title", "reason")

    @admin.display(description=_("address"))
    def page(self, vote: Vote) -> str:
        with override(vote.translation.language):
            address = reverse("selfcare:article", args=[vote.translation.slug])
        return format_html('<a href="{}">{}</a>', address, vote.translation.slug)
