"""The shelves of the help pages."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.models.bilingual import Bilingual


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


class OldShelf(models.Model):
    """Where a category used to live: leads to its present address for ever."""

    slug = models.SlugField(unique=True)
    category = models.ForeignKey(Category, models.CASCADE, related_name="old_addresses")

    def __str__(self) -> str:
        return self.slug
