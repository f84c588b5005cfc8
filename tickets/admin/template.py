"""Reply templates, and how each would look as a mail."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from crm.models import ReplyTemplate
from tickets.services import letters, rendering

LANGUAGES = {"fr": _("French"), "en": _("English")}


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(ModelAdmin):
    list_display = ("name", "queue", "written", "is_active")
    list_select_related = ("queue",)
    list_filter = ("queue", "is_active")
    search_fields = ("name", "text_fr", "text_en")
    fields = ("name", ("queue", "is_active"), "text_fr", "text_en")
    actions_detail = ("preview",)

    def get_urls(self) -> list[URLPattern]:
        look: Any = self.admin_site.admin_view(self.look)
        door = path("<int:pk>/look/<slug:language>/", look, name="crm_replytemplate_look")
        return [door, *super().get_urls()]

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
