"""What is known about a customer besides who they are: tags, notes, consents."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.text import sort_key

from .customer import Customer


class Tag(models.Model):
    """A word that colleagues sort customers by. One spelling of a word is the other."""

    name = models.CharField(_("name"), max_length=40)
    key = models.CharField(max_length=60, unique=True, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        self.key = sort_key(self.name)[:60]
        super().save(*args, **kwargs)


class Note(models.Model):
    """What colleagues should know about a customer."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(_("created"), default=clock.now)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.text[:60]


class ConsentQuerySet(models.QuerySet["Consent"]):
    def last_word(self, customer: Customer, purpose: str) -> bool | None:
        """True: agreed; False: objected; None: never said."""
        said = self.filter(customer=customer, purpose=purpose).order_by("-at", "-pk")
        return said.values_list("granted", flat=True).first()


class Consent(models.Model):
    """What a customer agreed to or objected to, and when; the latest row of a purpose counts."""

    class Purpose(models.TextChoices):
        SURVEY = "survey", _("satisfaction surveys")
        MEMORY = "memory", _("remembering visits")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    granted = models.BooleanField(_("granted"))
    source = models.CharField(_("where from"), max_length=40, blank=True)
    at = models.DateTimeField(_("when"), default=clock.now)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-at"]
        indexes = [models.Index(fields=["customer", "purpose", "-at"], name="consent_latest")]

    def __str__(self) -> str:
        return f"{self.purpose}: {self.granted}"
