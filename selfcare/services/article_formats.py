"""Articles as files: JSON Lines, a table (CSV), a folder or ZIP of Markdown. Each is read as the
objects of the JSON Lines, so that there is one way to store them (importing.py)."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any
from uuid import UUID

from django.db.models import Prefetch

from crm import registry
from crm.models import Export
from selfcare.models import KEPT_BACK, Article, ArticleFile, Translation
from selfcare.services import article_as_markdown, article_markdown
from selfcare.services.article_source import LISTS, BadFile, Kept, Row, decoded, typed

Form = Export.Form
FORMS = (Form.JSON_LINES, Form.CSV, Form.ARCHIVE, Form.MARKDOWN)
_LINES = "articles.jsonl"  # in an archive of ours
_MOST_BYTES = 200 * 1024 * 1024  # of a ZIP, unpacked
FIELDS = (
    "external_id",
    "language",
    "title",
    "slug",
    "summary",
    "body",
    "category",
    "keywords",
    "subject",
    "related",
    "visibility",
    "is_published",
    "source_language",
    "owner",
    "verified_on",
    "check_days",
)

csv.field_size_limit(2_000_000)


def read(path: Path) -> Iterator[Row]:
    """What a file or folder holds, by its name. Raises BadFile, OSError."""
    if path.is_dir():
        return article_markdown.read(
            {
                p.relative_to(path).as_posix(): p.read_bytes
                for p in sorted(path.rglob("*"))
                if p.is_file() and p.resolve().is_relative_to(path.resolve())
            }
        )
    return parse(path.name, path.read_bytes())


def parse(name: str, content: bytes) -> Iterator[Row]:
    """The same from a file that somebody sent. Raises BadFile."""
    ending = PurePosixPath(name).suffix.lower()
    if ending == ".zip":
        return _unzipped(content)
    if ending == ".csv":
        return table(decoded(name, content))
    if ending == ".md":
        return article_markdown.read({name: lambda: content})
    return json_lines(io.StringIO(decoded(name, content)))


def json_lines(lines: Iterable[str]) -> Iterator[Row]:
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        place = f"line {number}"
        try:
            data = json.loads(text)
        except ValueError as error:
            raise BadFile(f"{place}: {error}") from error
        if not isinstance(data, dict):
            raise BadFile(f"{place}: not an object")
        yield place, data


def table(text: str) -> Iterator[Row]:
    """A heading per field; several keywords stand in one cell, between | or ;."""
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            place = f"line {reader.line_num}"
            given = {
                name.strip(): value
                for name, value in row.items()
                if isinstance(name, str) and isinstance(value, str) and value.strip()
            }
            if given:
                yield place, typed(given)
    except csv.Error as error:
        raise BadFile(f"line {reader.line_num}: {error}") from error


def _unzipped(content: bytes) -> Iterator[Row]:
    """Our own archive, or a folder of Markdown."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise BadFile(str(error)) from error
    with archive:
        if sum(one.file_size for one in archive.infolist()) > _MOST_BYTES:
            raise BadFile("more than 200 MB unpacked")
        if _LINES in archive.namelist():
            yield from _archived(archive)
            return
        names = sorted(one.filename for one in archive.infolist() if not one.is_dir())
        yield from article_markdown.read({name: partial(archive.read, name) for name in names})


def _archived(archive: zipfile.ZipFile) -> Iterator[Row]:
    for place, data in json_lines(io.StringIO(decoded(_LINES, archive.read(_LINES)))):
        try:
            data["files"] = [
                Kept(UUID(one["key"]), one["name"], archive.read(f"files/{one['key']}"))
                for one in data.get("files", [])
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise BadFile(f"{place}: its files are not in the archive ({error})") from error
        yield place, data


def write(form: str, target: IO[bytes], alive: registry.Alive = iter) -> None:
    """Everything, as the import reads it: JSON Lines, a table, an archive with the files that the
    texts show, or a folder of Markdown with them, zipped. What went out leads back to where it
    was: nothing changes when it comes in again."""
    if form == Form.ARCHIVE:
        _archive(target, alive)
    elif form == Form.MARKDOWN:
        _folder(target, alive)
    else:
        made = as_table(alive) if form == Form.CSV else as_json_lines(alive)
        target.writelines(text.encode() for text in made)


def count(form: str) -> int:
    """How many rows pass while it is written."""
    rows = Translation.objects.count()
    return rows + ArticleFile.objects.count() if form in (Form.ARCHIVE, Form.MARKDOWN) else rows


def _archive(target: IO[bytes], alive: registry.Alive) -> None:
    def rows() -> Iterator[Any]:
        with archive.open(_LINES, "w") as lines:
            for data in everything(files=True):
                lines.write(json.dumps(data, ensure_ascii=False).encode() + b"\n")
                yield data
        yield from _files_into(archive, "files/{key}")

    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for _row in alive(rows()):
            pass


def _folder(target: IO[bytes], alive: registry.Alive) -> None:
    def rows() -> Iterator[Any]:
        for data in everything(files=True):
            archive.writestr(article_as_markdown.place(data), article_as_markdown.page(data))
            yield data
        yield from _files_into(archive, "files/{key}/{name}")

    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for _row in alive(rows()):
            pass


def _files_into(archive: zipfile.ZipFile, place: str) -> Iterator[ArticleFile]:
    for file in ArticleFile.objects.exclude(scan__in=KEPT_BACK).order_by("pk").iterator():
        with file.file.open() as opened:
            archive.writestr(place.format(key=file.key, name=file.name), opened.read())
        yield file


def everything(*, files: bool = False) -> Iterator[dict[str, Any]]:
    """Every article in every language it has, as the import reads it: shown or not."""
    texts = Translation.objects.order_by("language")
    related = Article.objects.only("external_id")
    rows = Article.objects.select_related("category", "subject", "owner").prefetch_related(
        Prefetch("translations", texts), Prefetch("related", related), "files"
    )
    for article in rows.order_by("pk").iterator(chunk_size=500):
        of_all = {
            "external_id": article.external_id,
            "category": article.category.slug,
            "subject": article.subject.slug if article.subject else "",
            "related": sorted(other.external_id for other in article.related.all()),
            "visibility": article.visibility,
            "is_published": article.is_published,
            "source_language": article.source_language,
            "owner": article.owner.email if article.owner else "",
            "verified_on": article.verified_on.isoformat() if article.verified_on else "",
            "check_days": article.check_days,
        }
        for text in article.translations.all():
            here = {name: getattr(text, name) for name in ("language", *_OF_TEXT)}
            data = of_all | here
            named = {name: data[name] for name in FIELDS}
            if files:
                named["files"] = [
                    {"key": str(file.key), "name": file.name}
                    for file in article.files.all()
                    if file.may_go
                ]
            yield named


_OF_TEXT = ("title", "slug", "summary", "body", "keywords")


def as_json_lines(alive: registry.Alive = iter) -> Iterator[str]:
    for data in alive(everything()):
        yield json.dumps(data, ensure_ascii=False) + "\n"


def as_table(alive: registry.Alive = iter) -> Iterator[str]:
    """The same for a spreadsheet; the first character says UTF-8 to it."""
    line = io.StringIO()
    writer = csv.DictWriter(line, FIELDS)
    line.write("\ufeff")
    writer.writeheader()
    for data in alive(everything()):
        lists = {name: "|".join(data[name]) for name in LISTS}
        writer.writerow(data | lists | {"is_published": int(data["is_published"])})
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    if line.getvalue():
        yield line.getvalue()
