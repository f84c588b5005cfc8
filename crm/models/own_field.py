"""Fields that an administrator adds to customers, organisations and exchanges, without a migration.

The definition is a row here; the values lie in one JSON column of the thing itself. What may be
found by its value is also kept folded in `own_terms`, which is indexed (docs/decisions.md).
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .bilingual import Bilingual


class OwnField(Bilingual):
    """One field of the installation's own."""

    class About(models.TextChoices):
        CUSTOMER = "customer", _("customers")
        ORGANISATION = "organisation", _("organisations")
        INTERACTION = "interaction", _("exchanges")

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", _("number")
        DATE = "date", _("date")
        CHOICE = "choice", _("choice")
        BOOLEAN = "boolean", _("yes or no")

    about = models.CharField(_("of"), max_length=12, choices=About, default=About.CUSTOMER)
    key = models.CharField(
        _("key"),
        max_length=40,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*\Z", _("Small letters, figures and _ only."))],
        help_text=_(
            "Its name in the API, in imports and in exports. It stays what it is at first saving."
        ),
    )
    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=Kind,
        default=Kind.TEXT,
        help_text=_("What a value may be. It stays what it is at first saving."),
    )
    choices = models.JSONField(
        _("choices"),
        default=list,
        blank=True,
        help_text=_("For a choice: the words to choose from."),
    )
    help_text = models.CharField(
        _("help"),
        max_length=200,
        blank=True,
        help_text=_("Shown below the field, for colleagues."),
    )
    is_searched = models.BooleanField(
        _("searched"),
        default=True,
        help_text=_("A customer or an organisation is found by this value."),
    )
    is_active = models.BooleanField(
        _("in use"),
        default=True,
        help_text=_("Out of use, it is no longer shown or filled; its values are kept."),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Small ones come first.")
    )

    class Meta:
        verbose_name = _("own field")
        verbose_name_plural = _("own fields")
        ordering = ["about", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["about", "key"], name="own_field_once")]

    def clean(self) -> None:
        if self.kind == self.Kind.CHOICE:
            words = self.choices if isinstance(self.choices, list) else []
            self.choices = list(dict.fromkeys(str(word).strip()[:80] for word in words if word))
            if len(self.choices) < 2:
                raise ValidationError({"choices": _("Give two words to choose from, at least.")})
        else:
            self.choices = []


def no_values() -> dict[str, Any]:
    return {}


class OwnValues(models.Model):
    """What carries own fields. Written through crm.services.own_fields, which checks the types."""

    own = models.JSONField(_("own fields"), default=no_values, blank=True, editable=False)
    own_terms = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, editable=False
    )

    class Meta:
        abstract = True
