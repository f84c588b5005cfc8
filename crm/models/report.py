"""What the reports must be told."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ReportSettings(models.Model):
    """What the figures need to know and no table tells. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    hourly_cost = models.DecimalField(
        _("cost of an agent’s hour"),
        max_digits=7,
        decimal_places=2,
        default=30,
        validators=[MinValueValidator(0)],
        help_text=_(
            "In euros, with charges and the place of work. The cost of an exchange is counted "
            "with it; it is shown to whoever sees the reports."
        ),
    )

    class Meta:
        verbose_name = _("settings of the reports")
        verbose_name_plural = _("settings of the reports")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_row_of_report_settings")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def read(cls) -> "ReportSettings":
        """What is set, else what is usual."""
        return cls.objects.filter(pk=1).first() or cls()
