"""What customers read before they ask: help articles, and the votes on them."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.models import Subject, Visit

from .category import Category

LANGUAGES = [("fr", _("French")), ("en", _("English"))]


class ArticleQuerySet(models.QuerySet["Article"]):
    """What editors ask of the articles."""

    def to_check(self, today: date) -> "ArticleQuerySet":
        """Shown, and nobody has looked whether they are still true for longer than they set."""
        due = models.ExpressionWrapper(
            F("verified_on") + F("check_days"), output_field=models.DateField()
        )
        shown = self.filter(is_published=True, check_days__gt=0, translations__isnull=False)
        return (
            shown.annotate(due_on=due).filter(Q(verified_on=None) | Q(due_on__lte=today)).distinct()
        )

    def missing(self, language: str) -> "ArticleQuerySet":
        """Shown in another language only."""
        there = Translation.objects.filter(article=OuterRef("pk"))
        return self.filter(Exists(there), ~Exists(there.in_language(language)), is_published=True)


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
    source_language = models.CharField(
        _("written first in"),
        max_length=5,
        choices=LANGUAGES,
        default="fr",
        help_text=_("The other language is the translation, and can be outdated."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to={"is_staff": True},
        related_name="articles",
        verbose_name=_("owner"),
        help_text=_("Who is asked when it is due for a check."),
    )
    verified_on = models.DateField(_("last checked"), null=True, blank=True)
    check_days = models.PositiveSmallIntegerField(
        _("check again after (days)"),
        default=180,
        help_text=_("Then it is on the editors’ page until somebody has looked. 0: never."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    related = models.ManyToManyField(
        "self", blank=True, symmetrical=False, verbose_name=_("related articles")
    )

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["position", "pk"]
        permissions = [("publish_article", "May publish what editors wrote")]

    def __str__(self) -> str:
        return self.external_id


class Audience(models.IntegerChoices):
    """Who reads: each sees what the ones before see."""

    EVERYBODY = 0
    SIGNED_IN = 1
    STAFF = 2

    @classmethod
    def of(cls, visibility: str) -> "Audience":
        """The least that must be given to read it."""
        return cls(Article.Visibility.values.index(visibility))

    @property
    def sees(self) -> list[str]:
        return Article.Visibility.values[: self + 1]


class TranslationQuerySet(models.QuerySet["Translation"]):
    """The words in which everybody asks for articles."""

    def in_language(self, language: str) -> "TranslationQuerySet":
        return self.filter(language=language)

    def published(self) -> "TranslationQuerySet":
        return self.filter(article__is_published=True)

    def readable(self, audience: Audience) -> "TranslationQuerySet":
        """What may be read: the one rule behind pages, search, completion and files."""
        return self.published().filter(article__visibility__in=audience.sees)

    def public(self) -> "TranslationQuerySet":
        return self.readable(Audience.EVERYBODY)

    def outdated(self) -> "TranslationQuerySet":
        """The article has changed in substance since they were written or found still right."""
        source = Translation.objects.filter(
            article=OuterRef("article"),
            language=OuterRef("article__source_language"),
            substance_at__gt=OuterRef("current_as_of"),
        )
        return self.exclude(language=F("article__source_language")).filter(Exists(source))

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
    # when it last changed in more than its wording
    substance_at = models.DateTimeField(default=clock.now)
    # up to when its author knew what the article says in the language it is written first in
    current_as_of = models.DateTimeField(default=clock.now)
    # the text whose links are known (services/links_check.py); null: none yet
    links_read_at = models.DateTimeField(null=True, blank=True, editable=False)

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
