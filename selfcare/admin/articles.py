"""Help articles in the console: the list, what holds in every language, shelves and votes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from crm.admin.read_only import EndlessAdmin
from selfcare.models import Article, Category, Vote
from selfcare.services import articles
from selfcare.services.editorial import title_of


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    list_display = ("name_fr", "name_en", "icon", "position")
    search_fields = ("name_fr", "name_en", "slug")

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        articles.save_shelf(obj)


class _Rooms(ChangeList):
    """A row leads to the article's room; its settings are one step further."""

    def url_for_result(self, result: Article) -> str:
        return reverse("admin:article_room", args=[result.pk])


class ArticleForm(forms.ModelForm):
    class Meta:
        model = Article
        fields = (
            "category",
            "subject",
            "visibility",
            "source_language",
            "owner",
            "check_days",
            "related",
            "external_id",
            "position",
        )
        help_texts = {"external_id": _("For imports and exports. Empty: we give one.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "external_id" in self.fields:
            self.fields["external_id"].required = False

    def clean_external_id(self) -> str:
        return self.cleaned_data["external_id"] or articles.new_external_id()


@admin.register(Article)
class ArticleAdmin(ModelAdmin):
    """What holds in every language; the texts are written in the room."""

    form = ArticleForm
    list_display = ("name", "category", "subject", "is_published", "visibility", "judged")
    list_filter = ("is_published", "visibility", "category")
    list_select_related = ("category", "subject")
    search_fields = ("external_id", "translations__title", "translations__keywords")
    autocomplete_fields = ("related", "category", "subject")
    actions = ("publish", "take_off")
    fields = (
        ("category", "subject"),
        ("visibility", "source_language"),
        ("owner", "check_days"),
        "related",
        ("external_id", "position"),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return _Rooms

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        votes = Count("translations__votes")
        helped = Count("translations__votes", filter=Q(translations__votes__helpful=True))
        rows = super().get_queryset(request).prefetch_related("translations")
        return rows.annotate(vote_count=votes, helped_count=helped)

    def response_add(self, request: HttpRequest, obj: Article, *args: Any) -> HttpResponse:
        return redirect("admin:article_room", obj.pk)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        return redirect("admin:article_room", obj.pk)

    @admin.display(description=_("title"))
    def name(self, article: Article) -> str:
        return title_of(article)

    @admin.display(description=_("helped"), ordering="helped_count")
    def judged(self, article: Any) -> str:
        return f"{article.helped_count} / {article.vote_count}" if article.vote_count else "–"

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        articles.changed()

    def delete_model(self, request: HttpRequest, obj: Article) -> None:
        articles.remove(Article.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        articles.remove(queryset)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("selfcare.publish_article")  # type: ignore[union-attr]

    @admin.action(description=_("Show"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        for article in Article.objects.filter(pk__in=queryset.values("pk")):
            articles.publish(article)

    @admin.action(description=_("Take off"), permissions=["publish"])
    def take_off(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        for article in Article.objects.filter(pk__in=queryset.values("pk")):
            articles.publish(article, published=False)


@admin.register(Vote)
class VoteAdmin(EndlessAdmin):
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
