"""Hashed, compressed static files, imports of ES modules included."""

import re
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

_OURS = ("chat/", "crm/", "selfcare/", "tickets/", "theme/")
_LINE_COMMENTS = re.compile(r"^[ \t]*//.*$", re.MULTILINE)
_BLOCK_COMMENTS = re.compile(r"/\*\*.*?\*/", re.DOTALL)


def without_comments(source: str) -> str:
    """Our modules are half words for their readers and their types: browsers do not get those."""
    source = _LINE_COMMENTS.sub("", _BLOCK_COMMENTS.sub("", source))
    return "\n".join(line.strip() for line in source.splitlines() if line.strip()) + "\n"


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Rewrites `import … from "./x.js"` to the hashed name, so that modules cache for ever."""

    support_js_module_import_aggregation = True

    def _save(self, name: str, content: Any) -> str:
        # a hashed name holds one more point: that one was made from what is stripped already
        if name.startswith(_OURS) and name.endswith(".js") and "." not in name[:-3]:
            source = content.read()
            text = source.decode() if isinstance(source, bytes) else source
            content = ContentFile(without_comments(text).encode())
        return super()._save(name, content)
