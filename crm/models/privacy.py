"""Requests of persons about their data, what must not be erased, and how long things are kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import clock

from .customer import Customer
from .interaction import Interaction


class PrivacyRequestQuerySet(models.QuerySet["PrivacyRequest"]):
    def erasures(self) -> "PrivacyRequestQuerySet":
        """Those not done yet: asked for, or being done."""
        kinds, states = PrivacyRequest.Kind, PrivacyRequest.State
        return self.filter(
            kind__in=[kinds.ERASE, kinds.DELETE], state__in=[states.OPEN, states.RUNNING]
        )


class PrivacyRequest(models.Model):
    """What a person asked for, when it is due (one month), and what was done. Kept as proof: it
    holds no name, and its customer's number only."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("access: a copy of the data")
        RECTIFY = "rectify", _("rectification")
        OBJECT = "object", _("objection to surveys")
        ERASE = "erase", _("erasure")  # the exchanges stay together, under one random number
        DELETE = "delete", _("erasure, exchanges apart")  # and each under a number of its own

    class State(models.TextChoices):
        OPEN = "open", _("open")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    kind = models.CharField(pgettext_lazy("law", "right"), max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    customer = models.ForeignKey(
        Customer,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="privacy_requests",
        verbose_name=_("customer"),
    )
    customer_number = models.BigIntegerField(_("customer's number"))
    received_at = models.DateTimeField(_("received"), default=clock.now)
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken by"),
    )
    reason = models.CharField(_("why refused"), max_length=300, blank=True)
    # how far an erasure is: of how many exchanges, and under whose number they go
    total = models.PositiveIntegerField(_("exchanges"), default=0)
    handled = models.PositiveIntegerField(_("exchanges handled"), default=0)
    tombstone = models.BigIntegerField(null=True, blank=True)

    objects = PrivacyRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("privacy request")
        verbose_name_plural = _("privacy requests")
        ordering = ["-pk"]
        permissions = [("handle_privacy", _("Can answer privacy requests, erasure included"))]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(kind__in=["erase", "delete"], state__in=["open", "running"]),
                name="one_erasure_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.customer_number}"


class LegalHold(models.Model):
    """This customer's data must be kept: neither retention nor erasure touches it meanwhile."""

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="holds", verbose_name=_("customer")
    )
    reason = models.CharField(
        _("reason"), max_length=300, help_text=_("The dispute or the authority's reference.")
    )
    since = models.DateTimeField(_("since"), default=clock.now)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering = ["-since"]

    def __str__(self) -> str:
        return f"#{self.customer_id}: {self.reason}"


class RetentionRule(models.Model):
    """How long one kind of data is kept. Nothing goes before a person has confirmed the rules."""

    purpose = models.CharField(_("what"), max_length=40, unique=True)  # a name in crm.registry
    days = models.PositiveIntegerField(_("kept for days"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    last_run_at = models.DateTimeField(_("last run"), null=True, blank=True)
    last_count = models.PositiveIntegerField(_("gone in the last run"), default=0)

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        ordering = ["purpose"]

    def __str__(self) -> str:
        return self.purpose


class InteractionFact(models.Model):
    """What reports need of an exchange once its person or its words are gone: stored before."""

    interaction = models.OneToOneField(
        Interaction, models.CASCADE, primary_key=True, related_name="fact"
    )
    words_gone_at = models.DateTimeField(null=True, blank=True)
    link_gone_at = models.DateTimeField(null=True, blank=True)
    # first-contact resolution: days to the same customer's next exchange on the same second level
    # of the subjects, on any channel; null: there was none
    back_after_days = models.FloatField(null=True, blank=True)
    # the journey: how many exchanges came before, and what the visit that led here had
    earlier = models.PositiveIntegerField(default=0)
    searches = models.PositiveSmallIntegerField(default=0)
    articles = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("fact of an exchange")
        verbose_name_plural = _("facts of exchanges")
        indexes = [
            models.Index(fields=["interaction"], condition=~Q(words_gone_at=None), name="wordless")
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id}"
