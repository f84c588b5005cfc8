"""The one record of a person or company we serve."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.text import sort_key

from .organisation import Organisation
from .own_field import OwnValues

if TYPE_CHECKING:
    from .about import Tag


class CustomerManager(models.Manager["Customer"]):
    """The records there are. One that was merged into another is reached by `Customer.all_rows`
    only: no list, search, count or export shows it."""

    def get_queryset(self) -> "models.QuerySet[Customer]":
        return super().get_queryset().filter(merged_into=None)


class Customer(OwnValues):
    """The person or company we serve; never a Django user."""

    class Civility(models.TextChoices):
        NONE = "", _("not given")
        MADAME = "mme", _("Ms")
        MONSIEUR = "m", _("Mr")

    civility = models.CharField(_("civility"), max_length=4, choices=Civility, blank=True)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    # folded "last first": sorted and prefix-matched the same everywhere
    name_key = models.CharField(
        max_length=200, blank=True, editable=False, db_collation="C", db_index=True
    )
    language = models.CharField(_("language"), max_length=5, default="fr")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Paris")
    # in steps of ten minutes of waiting
    priority = models.SmallIntegerField(_("priority"), default=0)
    town = models.CharField(_("town"), max_length=80, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("organisation"),
    )
    # the domain by whose rule they joined it; empty: a person chose
    joined_by = models.CharField(_("joined by the rule for"), max_length=253, blank=True)
    tags: "models.ManyToManyField[Tag, Tag]" = models.ManyToManyField(
        "crm.Tag", blank=True, related_name="customers", verbose_name=_("tags")
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="customer",
        verbose_name=_("portal account"),
    )
    # the record that has everything of this one since; undoing the merge empties it
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="absorbed"
    )
    is_simulated = models.BooleanField(_("simulated"), default=False, editable=False)
    # a tombstone: holds the exchanges of somebody who was erased, and says nothing of them
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=clock.now)

    all_rows = models.Manager()
    objects = CustomerManager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name_key", "pk"]
        default_manager_name = "objects"
        base_manager_name = "all_rows"
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")),
                name="not_merged_into_itself",
            )
        ]
        indexes = [GinIndex(fields=["own_terms"], name="customer_own_terms")]

    def __str__(self) -> str:
        return self.full_name or str(_("Customer %(id)s") % {"id": self.pk})

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        self.set_name_key()
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "name_key"}
        super().save(*args, **kwargs)

    def set_name_key(self) -> None:
        """What `save` does; for whoever stores many at once."""
        self.name_key = sort_key(f"{self.last_name} {self.first_name}")

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def addressed(self, language: str | None = None) -> str:
        """How we address them: "Madame Lenoir", never a title with a first name alone."""
        english = (language or self.language).startswith("en")
        titles = {"mme": ("Madame", "Ms"), "m": ("Monsieur", "Mr")}
        if self.civility and self.last_name:
            return f"{titles[self.civility][english]} {self.last_name}"
        return self.full_name


class Identity(models.Model):
    """One way to recognise a customer. Unique per kind and normalised value."""

    class Kind(models.TextChoices):
        MAIL = "mail", _("email")
        PHONE = "phone", _("phone")  # E.164
        ACCOUNT = "account", _("portal account")  # User's pk
        VISITOR = "visitor", _("chat visitor")  # the site's signed or our random key
        EXTERNAL = "external", _("external number")

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="identities", verbose_name=_("customer")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    value = models.CharField(_("value"), max_length=254)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    verified_by = models.CharField(_("verified by"), max_length=40, blank=True)
    source = models.CharField(_("where from"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("created"), default=clock.now)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        ordering = ["kind", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="identity_once")]
        # beginnings, whatever the database's own order of letters
        indexes = [
            models.Index(
                fields=["kind", "value"],
                opclasses=["varchar_ops", "varchar_pattern_ops"],
                name="identity_beginnings",
            )
        ]

    def __str__(self) -> str:
        return self.value
