"""The editors' page: what is to do; and articles in from a file, out to one."""

from tempfile import TemporaryFile

from django.contrib import admin, messages
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.admin import pages
from crm.models import User
from selfcare.services import article_formats, editorial, importing

_LARGEST = 50 * 1024 * 1024


@require_safe
def to_do(request: HttpRequest) -> HttpResponse:
    mine = "mine" in request.GET
    user: User = request.user  # type: ignore[assignment]  # signed in: the console's door
    context = {
        **admin.site.each_context(request),
        "title": gettext("Articles: what is to do"),
        "lists": editorial.lists(owner=user if mine else None),
        "mine": mine,
        "may_add": user.has_perm("selfcare.add_article"),
        "may_import": user.has_perm("selfcare.publish_article"),
    }
    return render(request, "selfcare/console/editors.html", context)


@require_POST
def bring_in(request: HttpRequest) -> HttpResponse:
    """First press: what would happen. With "really": it happens, all or nothing."""
    file = request.FILES.get("file")
    if file is None or not file.size or file.size > _LARGEST:
        messages.error(request, gettext("Choose a file of at most 50 MB."))
        return redirect("admin:editors")
    really = "really" in request.POST
    try:
        rows = article_formats.parse(file.name or "", file.read())
        user: User = request.user  # type: ignore[assignment]
        done = importing.import_rows(rows, by=user) if really else importing.try_rows(rows)
    except importing.BadFile as error:
        messages.error(request, gettext("Nothing was stored. %(reason)s") % {"reason": error})
        return redirect("admin:editors")
    counts = {"made": done.made, "changed": done.changed, "same": done.same}
    if really:
        words = gettext("%(made)d texts made, %(changed)d changed, %(same)d as they were.")
        messages.success(request, words % counts)
    else:
        words = gettext(
            "The file is good: it would make %(made)d texts, change %(changed)d and leave %(same)d "
            "as they are. Nothing is stored yet."
        )
        messages.info(request, words % counts)
    return redirect("admin:editors")


@require_safe
def take_out(request: HttpRequest, kind: str) -> FileResponse | StreamingHttpResponse:
    """All articles, in every language, shown or not; as a ZIP with their files."""
    if kind == "zip":
        archive = TemporaryFile()  # noqa: SIM115 (the response closes it)
        article_formats.as_archive(archive)
        archive.seek(0)
        name = f"articles-{clock.now():%Y-%m-%d}.zip"
        return FileResponse(archive, as_attachment=True, filename=name)
    as_table = kind == "csv"
    made = article_formats.as_table() if as_table else article_formats.as_json_lines()
    mime = "text/csv; charset=utf-8" if as_table else "application/x-ndjson"
    name = f"articles-{clock.now():%Y-%m-%d}.{'csv' if as_table else 'jsonl'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(made, content_type=mime, headers=headers)


pages.register_page(
    "editors/",
    to_do,
    "editors",
    title=_("Articles: what is to do"),
    icon="edit_note",
    permission="selfcare.change_article",
    group="help",
)
pages.register_page(
    "editors/import/", bring_in, "article_import", permission="selfcare.publish_article"
)
pages.register_page(
    "editors/export/<str:kind>/", take_out, "article_export", permission="selfcare.view_article"
)
