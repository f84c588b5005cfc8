"""Companies whose members are customers, and the mail domains by which members join."""

from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import clock

from .own_field import OwnValues

# addresses that anybody can have say nothing about an employer
EVERYBODYS = frozenset(
    """gmail.com googlemail.com outlook.com outlook.fr hotmail.com hotmail.fr live.com live.fr
    msn.com yahoo.com yahoo.fr icloud.com me.com proton.me protonmail.com gmx.com gmx.fr aol.com
    orange.fr wanadoo.fr free.fr sfr.fr neuf.fr laposte.net bbox.fr numericable.fr""".split()  # noqa: SIM905
)


class Organisation(OwnValues):
    """A company whose members are customers."""

    name = models.CharField(_("name"), max_length=160)
    created_at = models.DateTimeField(_("created"), default=clock.now)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "pk"]
        indexes = [GinIndex(fields=["own_terms"], name="organisation_own_terms")]

    def __str__(self) -> str:
        return self.name


class OrganisationDomain(models.Model):
    """A mail domain: a new customer who writes from it joins its organisation."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="domains")
    name = models.CharField(
        _("mail domain"),
        max_length=253,
        unique=True,
        help_text=_("What follows the @, such as lumio.example. New customers with it join."),
    )

    class Meta:
        verbose_name = _("mail domain")
        verbose_name_plural = _("mail domains")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """One spelling, as in the addresses; nobody's own domain."""
        name = self.name.strip().lower().removeprefix("@").rstrip(".")
        try:
            self.name = name.encode("idna").decode()
        except UnicodeError:
            self.name = ""
        if "." not in self.name or any(c.isspace() or c in "@/," for c in self.name):
            raise ValidationError({"name": _("This is no mail domain.")})
        if self.name in EVERYBODYS:
            raise ValidationError(
                {"name": _("Anybody can have an address there: it says nothing of a company.")}
            )
