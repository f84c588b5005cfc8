"""The editors' page: what is to do; and articles in from a file, out to one."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from crm.admin import pages
from crm.models import Export, User
from crm.reports.period import BadQuestion
from crm.services import transfer
from selfcare.services import article_formats, editorial, importing

PAGE = "editors"
_EXPORTS = 5  # of one's own that are listed
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
        "forms": article_formats.FORMS,
        "exports": Export.objects.filter(by=user, page=PAGE)[:_EXPORTS],
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


@require_POST
def take_out(request: HttpRequest) -> HttpResponse:
    """All articles, in every language, shown or not: to where the writing is followed."""
    try:
        job = transfer.ask("", request.POST.get("format", ""), by=request.user, page=PAGE)
    except BadQuestion:
        return HttpResponseBadRequest()
    except transfer.TooMany:
        messages.error(request, gettext("Your earlier exports are still being written."))
        return redirect("admin:editors")
    return redirect("admin:export", job.pk)


pages.register_page(
    "editors/",
    to_do,
    PAGE,
    title=_("Articles: what is to do"),
    icon="edit_note",
    permission="selfcare.change_article",
    group="help",
)
pages.register_page(
    "editors/import/", bring_in, "article_import", permission="selfcare.publish_article"
)
pages.register_page(
    "editors/export/", take_out, "article_export", permission="selfcare.view_article"
)
