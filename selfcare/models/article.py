"""What customers read before they ask: help articles, their categories and the votes on them."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.models import Subject, Visit
from crm.models.bilingual import Bilingual

LANGUAGES = [("fr", _("French")), ("en", _("English"))]


class Category(Bilingual):
    """A shelf of the help pages; its cards stand on the home page."""

    slug = models.SlugField(_("short name"), unique=True)
    description_fr = models.CharField(_("description (French)"), max_length=200, blank=True)
    description_en = models.CharField(_("description (English)"), max_length=200, blank=True)
    icon = models.CharField(_("icon"), max_length=40, blank=True)  # a Material Symbols name
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "pk"]

    @property
    def description(self) -> str:
        english = (get_language() or "fr").startswith("en")
        return (self.description_en if english else "") or self.description_fr


class Article(models.Model):
    """One answer, in one or more languages."""

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("everybody")
        SIGNED_IN = "signed_in", _("customers who signed in")
        STAFF = "staff", _("agents")

    external_id = models.CharField(_("external number"), max_length=120, unique=True)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="articles", verbose_name=_("category")
    )
    subject = models.ForeignKey(
        Subject,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="articles",
        verbose_name=_("subject"),
    )
    visibility = models.CharField(
        _("who may read it"), max_length=10, choices=Visibility, default=Visibility.PUBLIC
    )
    is_published = models.BooleanField(_("published"), default=True)
    verified_on = models.DateField(_("last checked"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    related = models.ManyToManyField(
        "self", blank=True, symmetrical=False, verbose_name=_("related articles")
    )

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.external_id


class TranslationQuerySet(models.QuerySet["Translation"]):
    """The words in which everybody asks for articles."""

    def in_language(self, language: str) -> "TranslationQuerySet":
        return self.filter(language=language)

    def published(self) -> "TranslationQuerySet":
        return self.filter(article__is_published=True)

    def public(self) -> "TranslationQuerySet":
        """What a stranger may read: sitemap, pages, completion, search."""
        return self.published().filter(article__visibility=Article.Visibility.PUBLIC)

    def in_order(self) -> "TranslationQuerySet":
        return self.order_by("article__category__position", "article__position", "article_id")


class Translation(models.Model):
    """An article in one language: what is read, searched and linked to."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES)
    title = models.CharField(_("title"), max_length=300)
    slug = models.SlugField(_("address"), max_length=120, blank=True)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    body = models.TextField(_("text"))  # HTML, through crm.text.clean_html
    keywords = models.JSONField(_("keywords"), default=list, blank=True)
    updated_at = models.DateTimeField(_("changed"), default=clock.now)

    objects = TranslationQuerySet.as_manager()

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        ordering = ["language", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["article", "language"], name="translation_once"),
            models.UniqueConstraint(fields=["language", "slug"], name="address_once"),
        ]

    def __str__(self) -> str:
        return self.title


class OldAddress(models.Model):
    """Where an article used to live: leads to its present address for ever."""

    language = models.CharField(max_length=5)
    slug = models.SlugField(max_length=120)
    translation = models.ForeignKey(Translation, models.CASCADE, related_name="old_addresses")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "slug"], name="old_address_once")
        ]

    def __str__(self) -> str:
        return self.slug


class Vote(models.Model):
    """Whether one visit was helped by one article; a second vote replaces the first."""

    translation = models.ForeignKey(
        Translation, models.CASCADE, related_name="votes", verbose_name=_("article")
    )
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="votes")
    helpful = models.BooleanField(_("helped"))
    reason = models.CharField(_("what was missing"), max_length=500, blank=True)
    at = models.DateTimeField(_("when"), default=clock.now)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["translation", "visit"], name="one_vote_a_visit")
        ]

    def __str__(self) -> str:
        return "+" if self.helpful else "-"


class SearchStamp(models.Model):
    """One row, replaced whenever an article changes, so that every process rebuilds its index.

    Random and not counted: a restored backup never shows an old index as the present one."""

    stamp = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.stamp
