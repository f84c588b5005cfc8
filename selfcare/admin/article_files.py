"""Pictures and documents of an article's room."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from crm.admin import pages
from selfcare.admin.article_room import CHANGE, ROOM, signed_in
from selfcare.models import Article, ArticleFile
from selfcare.services import files


@require_POST
def add_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture dropped into the editor, or a document: `{"url", "name", "picture"}`."""
    article = get_object_or_404(Article, pk=pk)
    sent = request.FILES.get("file")
    if sent is None:
        return JsonResponse({"reason": _REFUSED["kind"]}, status=400)
    try:
        made = files.add(article, sent, by=signed_in(request))
    except files.Refused as refusal:
        return JsonResponse({"reason": str(_REFUSED[str(refusal)])}, status=422)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse(
            {"url": made.address, "name": made.name, "picture": made.is_picture}, status=201
        )
    return redirect(reverse("admin:article_room", args=[pk]) + "#files")


_REFUSED = {
    "size": _("A file may have up to 10 MB, a film up to 60 MB."),
    "kind": _("Pictures, films (MP4, WebM), PDF, text and office documents only."),
    "infected": _("The virus scanner refuses this file."),
    "many": _("This article has a hundred files already."),
}


@require_POST
def remove_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    files.remove(get_object_or_404(ArticleFile, article=pk, pk=number))
    return redirect(reverse("admin:article_room", args=[pk]) + "#files")


pages.register_page(f"{ROOM}files/", add_file, "article_files", permission=CHANGE)
pages.register_page(
    f"{ROOM}files/<int:number>/remove/", remove_file, "article_file_remove", permission=CHANGE
)
