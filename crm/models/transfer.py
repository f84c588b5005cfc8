"""What comes in and goes out by a file: customers, companies, exchanges."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import clock

from .own_field import OwnField


class Import(models.Model):
    """One file: what its rows are about, what its columns mean, and how far it is."""

    class State(models.TextChoices):
        NEW = "new", _("to be matched")  # the columns have no meaning yet
        RUNNING = "running", _("running")
        TRIED = "tried", _("tried")  # the dry run is over
        DONE = "done", pgettext_lazy("import", "done")
        FAILED = "failed", pgettext_lazy("import", "failed")

    file = models.FileField(_("file"), upload_to="imports/%Y/%m/")
    name = models.CharField(_("name"), max_length=200)
    about = models.CharField(
        _("of"), max_length=12, choices=OwnField.About, default=OwnField.About.CUSTOMER
    )
    columns = models.JSONField(_("columns"), default=list)
    # column → field (crm/services/transfer/fields.py); "" is left out
    mapping = models.JSONField(_("meaning of the columns"), default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.NEW)
    dry = models.BooleanField(_("dry run"), default=True)
    loaded = models.BooleanField(default=False)  # its rows lie in ImportRow
    error = models.CharField(_("error"), max_length=300, blank=True)
    total = models.PositiveIntegerField(_("rows"), default=0)
    handled = models.PositiveIntegerField(_("rows handled"), default=0)
    created = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    same = models.PositiveIntegerField(_("as they were"), default=0)
    failed = models.PositiveIntegerField(_("refused"), default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("uploaded"), default=clock.now)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]
        permissions = [("import_customers", _("Can import customers from a file"))]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """One row of a file, until the file is forgotten: pending, or what became of it."""

    class Outcome(models.TextChoices):
        PENDING = "", _("pending")
        CREATED = "created", _("new")
        CHANGED = "changed", _("changed")
        SAME = "same", _("as it was")
        FAILED = "failed", _("refused")

    job = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))  # as the spreadsheet counts: the head is 1
    values = models.JSONField(default=list)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    message = models.CharField(_("why"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["job", "number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_row_once")]
        indexes = [
            models.Index(fields=["job", "number"], condition=Q(outcome=""), name="rows_to_import"),
            models.Index(
                fields=["job", "number"], condition=Q(outcome="failed"), name="rows_refused"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}:{self.number}"


class Export(models.Model):
    """A table, or a page of figures, that somebody asked for: written in the background, kept for a
    short time."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", pgettext_lazy("export", "done")
        FAILED = "failed", pgettext_lazy("export", "failed")

    class Form(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"
        PDF = "pdf", "PDF"
        # of what apps let take out (crm.registry.Takeout)
        JSON_LINES = "jsonl", "JSON Lines"
        MARKDOWN = "md", "Markdown"
        ARCHIVE = "zip", "ZIP"

    about = models.CharField(_("of"), max_length=12, choices=OwnField.About, blank=True)  # no page
    # of the console, and what it was called (crm.reports.paper, crm.registry.Takeout); "" for a
    # table
    page = models.CharField(_("page"), max_length=40, blank=True)
    title = models.CharField(_("title"), max_length=80, blank=True)
    form = models.CharField(_("form"), max_length=5, choices=Form)
    days = models.PositiveIntegerField(_("days"), default=90)  # of exchanges
    # as an address asks: of exchanges, in place of the days, those behind a figure; of a page, its
    # own question
    query = models.CharField(_("question"), max_length=1000, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    error = models.CharField(_("error"), max_length=300, blank=True)
    total = models.PositiveIntegerField(_("rows"), default=0)
    handled = models.PositiveIntegerField(_("rows handled"), default=0)
    file = models.FileField(_("file"), upload_to="exports/%Y/%m/", blank=True)  # "": forgotten
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("by")
    )
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)  # real time
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("asked"), default=clock.now)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="running"), name="exports_to_write")
        ]

    def __str__(self) -> str:
        return f"{self.title or self.get_about_display()} {self.get_form_display()}"

    @property
    def filename(self) -> str:
        name = slugify(self.title) if self.page else f"{self.about}s"
        return f"{name}.{'md.zip' if self.form == self.Form.MARKDOWN else self.form}"
