"""Pictures and documents of the help articles."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.models import Attachment

from .article import Article

KEPT_BACK = (Attachment.Scan.PENDING, Attachment.Scan.INFECTED)


def _path(file: "ArticleFile", name: str) -> str:
    return f"articles/{file.sha256[:2]}/{file.sha256}"


class ArticleFile(models.Model):
    """A file of one article: read by whoever may read the article, at an address that stays."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="files")
    file = models.FileField(upload_to=_path)
    name = models.CharField(_("name"), max_length=150)
    content_type = models.CharField(_("kind"), max_length=100)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    scan = models.CharField(
        _("virus scan"),
        max_length=8,
        choices=Attachment.Scan,
        default=Attachment.Scan.NONE,
        blank=True,
        db_default="",
    )
    added_at = models.DateTimeField(_("added"), default=clock.now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("file of an article")
        verbose_name_plural = _("files of articles")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return reverse("article_file", args=[self.key, self.name])

    @property
    def may_go(self) -> bool:
        """Whether anybody may be given it."""
        return self.scan not in KEPT_BACK

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def is_film(self) -> bool:
        return self.content_type.startswith("video/")
