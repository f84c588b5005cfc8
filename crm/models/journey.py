"""What somebody read and searched before they wrote."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import clock

from .customer import Customer


class Visit(models.Model):
    """One stay on the portal or on a page with the widget; the customer's once known."""

    class Device(models.TextChoices):
        DESKTOP = "desktop", _("computer")
        MOBILE = "mobile", _("phone")
        TABLET = "tablet", _("tablet")

    # random; on the portal it lies in the session, elsewhere it lives in the page
    key = models.CharField(max_length=43, unique=True)
    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="visits"
    )
    site_key = models.CharField(_("site"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=5, default="fr")
    device = models.CharField(_("device"), max_length=8, choices=Device, default=Device.DESKTOP)
    referrer = models.CharField(_("came from"), max_length=500, blank=True)
    started_at = models.DateTimeField(_("began"), default=clock.now)
    last_at = models.DateTimeField(_("last seen"), default=clock.now)
    # nobody's since then: no typed word, no customer (crm/services/privacy)
    scrubbed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["customer", "-started_at"], name="visit_of_customer"),
            models.Index(fields=["started_at"], name="visit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%d/%m/%Y %H:%M}"


class VisitStep(models.Model):
    """One thing done in a visit: a page seen, a search, an article read, a vote, an action."""

    class Kind(models.TextChoices):
        PAGE = "page", _("page")
        SEARCH = "search", _("search")
        ARTICLE = "article", _("article")
        VOTE = "vote", _("vote")
        ACTION = "action", _("action")
        ASK = "ask", _("asked for an agent")

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="steps")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    label = models.CharField(_("what"), max_length=300)  # title or query
    target = models.CharField(_("where"), max_length=500, blank=True)  # path or article's id
    value = models.IntegerField(null=True, blank=True)  # results found, vote, seconds read
    at = models.DateTimeField(_("when"), default=clock.now)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["visit", "at"], name="step_of_visit"),
            models.Index(fields=["kind", "at"], name="step_by_kind"),
        ]

    def __str__(self) -> str:
        return self.label
