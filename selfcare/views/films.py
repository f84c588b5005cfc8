"""A film of an article: given out piece by piece, as players ask for it."""

import re
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from selfcare.models import ArticleFile

_PIECE = 1024 * 1024  # bytes of one answer, whatever was asked for
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def respond(request: HttpRequest, film: ArticleFile) -> HttpResponseBase:
    """A piece (206) to whoever asks for one, as players do; to others the whole."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    answer = _piece(film, *asked.groups()) if asked and any(asked.groups()) else _whole(film)
    answer["Accept-Ranges"] = "bytes"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _piece(film: ArticleFile, first: str, last: str) -> HttpResponse:
    start = int(first) if first else max(0, film.size - int(last))
    end = int(last) if first and last else film.size - 1
    end = min(end, film.size - 1, start + _PIECE - 1)
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{film.size}"})
    with film.file.open("rb") as opened:
        opened.seek(start)
        content = opened.read(end - start + 1)
    place = {"Content-Range": f"bytes {start}-{end}/{film.size}"}
    return HttpResponse(content, film.content_type, 206, headers=place)


def _whole(film: ArticleFile) -> StreamingHttpResponse:
    size = {"Content-Length": str(film.size)}
    return StreamingHttpResponse(_pieces(film), content_type=film.content_type, headers=size)


async def _pieces(film: ArticleFile) -> AsyncIterator[bytes]:
    opened = await sync_to_async(film.file.open)("rb")
    try:
        while piece := await sync_to_async(opened.read)(_PIECE):
            yield piece
    finally:
        await sync_to_async(opened.close)()
