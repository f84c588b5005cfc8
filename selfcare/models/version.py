"""How an article's text comes to be: drafts, review, schedule, and everything ever published."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .article import LANGUAGES, Article

TEXTS = ("title", "slug", "summary", "body", "keywords")


class VersionQuerySet(models.QuerySet["Version"]):
    def open(self) -> "VersionQuerySet":
        """Being written, reviewed or waiting for its hour."""
        return self.exclude(state=Version.State.PUBLISHED)

    def published(self) -> "VersionQuerySet":
        return self.filter(state=Version.State.PUBLISHED)


class Version(models.Model):
    """One wording of an article in one language. The newest published one is what customers read
    (`Translation`); one at most is open, and the published ones never change."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        REVIEW = "review", _("to be reviewed")
        SCHEDULED = "scheduled", _("scheduled")
        PUBLISHED = "published", _("published")

    article = models.ForeignKey(Article, models.CASCADE, related_name="versions")
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES)
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=300)
    slug = models.SlugField(
        _("address"), max_length=120, blank=True, help_text=_("Empty: made from the title.")
    )
    summary = models.CharField(
        _("summary"),
        max_length=300,
        blank=True,
        help_text=_("One sentence for lists and search engines. Empty: how the text begins."),
    )
    body = models.TextField(_("text"), blank=True)
    keywords = models.JSONField(_("keywords"), default=list, blank=True)
    note = models.CharField(
        _("what changes"), max_length=300, blank=True, help_text=_("For the reviewer and later.")
    )
    minor = models.BooleanField(
        _("small change"),
        default=False,
        help_text=_("The other language still says the same: it does not count as outdated."),
    )
    remark = models.CharField(_("the reviewer’s remark"), max_length=500, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed"), default=clock.now)
    # counts the savings, so that two people at one draft notice each other
    revision = models.PositiveIntegerField(default=1)
    publish_at = models.DateTimeField(_("appears on"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of an article")
        verbose_name_plural = _("versions of articles")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "language", "number"], name="version_number_once"
            ),
            models.UniqueConstraint(
                fields=["article", "language"],
                condition=~Q(state="published"),
                name="one_open_version",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(publish_at__isnull=False),
                name="scheduled_has_its_hour",
            ),
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False)
                | (~Q(state="published") & Q(published_at=None)),
                name="published_has_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "publish_at"],
                condition=~Q(state="published"),
                name="version_to_do",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language} {self.number})"

    @property
    def is_open(self) -> bool:
        return self.state != self.State.PUBLISHED

    @property
    def texts(self) -> dict[str, object]:
        """The words alone, as the published text takes them."""
        return {name: getattr(self, name) for name in TEXTS}
