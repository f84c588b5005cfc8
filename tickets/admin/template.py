"""Reply templates, and how each would look as a mail."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from crm.models import ReplyTemplate
from crm.reports import words
from crm.services import templates
from tickets.services import letters, rendering

LANGUAGES = {"fr": _("French"), "en": _("English")}


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(ModelAdmin):
    list_display = ("name", "command", "queue", "written", "uses", "changed", "valid", "is_active")
    list_select_related = ("queue",)
    list_filter = ("queue", "is_active")
    search_fields = ("name", "shortcut", "text_fr", "text_en")
    fields = (
        ("name", "shortcut"),
        ("queue", "is_active"),
        ("valid_from", "valid_until"),
        "text_fr",
        "text_en",
    )
    actions_detail = ("preview",)

    def get_urls(self) -> list[URLPattern]:
        look: Any = self.admin_site.admin_view(self.look)
        door = path("<int:pk>/look/<slug:language>/", look, name="crm_replytemplate_look")
        return [door, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReplyTemplate]:
        return templates.with_uses(super().get_queryset(request))

    @display(description=_("shortcut"), ordering="shortcut")
    def command(self, template: ReplyTemplate) -> str:
        return f"/{template.shortcut}" if template.shortcut else "–"

    @display(description=_("used in 90 days"), ordering="used")
    def uses(self, template: Any) -> int:
        return int(template.used)

    @display(description=_("changed before sending"))
    def changed(self, template: Any) -> str:
        return words.percent(template.edited / template.used if template.used else None)

    @display(description=_("valid"), ordering="valid_until")
    def valid(self, template: ReplyTemplate) -> Any:
        days = [
            date_format(day, "SHORT_DATE_FORMAT") if day else "…"
            for day in (template.valid_from, template.valid_until)
        ]
        return " – ".join(days) if template.valid_from or template.valid_until else _("always")

    @display(description=_("written in"))
    def written(self, template: ReplyTemplate) -> str:
        return ", ".join(str(name) for code, name in LANGUAGES.items() if template.text(code))

    def _found(self, request: HttpRequest, pk: int) -> ReplyTemplate:
        template = self.get_queryset(request).filter(pk=pk).first()
        if template is None or not self.has_view_permission(request, template):
            raise Http404
        return template

    @action(description=_("Preview"), url_path="preview", icon="visibility")
    def preview(self, request: HttpRequest, object_id: int) -> HttpResponse:
        template = self._found(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Preview of %(name)s") % {"name": template},
            "template": template,
            "looks": [(code, name) for code, name in LANGUAGES.items() if template.text(code)],
        }
        return render(request, "tickets/console/template.html", context)

    @method_decorator(xframe_options_sameorigin)
    def look(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """The mail itself, for the frame: with sample words, to nobody."""
        template = self._found(request, pk)
        if language not in LANGUAGES or not template.text(language):
            raise Http404
        origin = f"{request.scheme}://{request.get_host()}"
        return HttpResponse(
            rendering.sample(template, language),
            headers={"Content-Security-Policy": letters.policy(origin, remote=False)},
        )
