"""What a file is, by its content: neither its name nor what its sender says is believed."""

import io
import re
import zipfile
import zlib

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."

# what may be sent → the ends its name may have; the first is added where it has none of them
NAMES: dict[str, tuple[str, ...]] = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "video/mp4": (".mp4", ".m4v", ".mov"),
    "video/webm": (".webm",),
    "application/pdf": (".pdf",),
    f"{_OFFICE}wordprocessingml.document": (".docx",),
    f"{_OFFICE}spreadsheetml.sheet": (".xlsx",),
    f"{_OFFICE}presentationml.presentation": (".pptx",),
    f"{_OPEN}text": (".odt",),
    f"{_OPEN}spreadsheet": (".ods",),
    "text/plain": (".txt", ".csv", ".log"),
}
# what browsers show without running anything of its sender's
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
SHOWN = PICTURES | {"application/pdf"}

_BEGINNINGS = [
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"....ftyp(?:hei[cfmsx]|hev[cmsx]|mif1|msf1)", "image/heic"),
    (rb"....ftyp", "video/mp4"),
    (rb"\x1a\x45\xdf\xa3.{0,64}webm", "video/webm"),
    (rb"%PDF-", "application/pdf"),
]
_FIRST_PARTS = {
    "word/": f"{_OFFICE}wordprocessingml.document",
    "xl/": f"{_OFFICE}spreadsheetml.sheet",
    "ppt/": f"{_OFFICE}presentationml.presentation",
}
# text that a program would run or draw
_MARKUP = re.compile(r"\s*<(?:!doctype|\?|html|script|svg|head|body)", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


def kind_of(content: bytes) -> str:
    """Its type, one of NAMES; empty for everything that cannot be sent."""
    for beginning, kind in _BEGINNINGS:
        if re.match(beginning, content, re.DOTALL):
            return kind
    return _document(content) if content.startswith(b"PK\x03\x04") else _text(content)


def _document(content: bytes) -> str:
    """An office document without macros; any other archive is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return ""
            if names[:1] == ["mimetype"] and archive.getinfo("mimetype").file_size < 100:
                said = archive.read("mimetype").decode("ascii", "replace")
                return said if said in NAMES else ""
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError):  # torn, or made to hurt
        return ""
    except (NotImplementedError, RuntimeError):  # zipfile's words for a way of packing it does
        return ""  # not know, and for a password: nobody here could look inside
    if "[Content_Types].xml" not in names:
        return ""
    parts = [kind for part, kind in _FIRST_PARTS.items() if any(n.startswith(part) for n in names)]
    return parts[0] if parts else ""


def _text(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return ""
    return "" if _CONTROLS.search(text) or _MARKUP.match(text) else "text/plain"
