"""What a visitor downloads: 3 KB on the host's page, 20 KB with the whole chat."""

import gzip
from pathlib import Path

from chat.views.widget import loader_source
from config.static import without_comments

ROOT = Path(__file__).resolve().parents[2]
MODULES = [
    *(
        f"chat/static/chat/{name}.js"
        for name in ("frame", "card", "memory", "talk", "lines", "dom")
    ),
    *(f"crm/static/crm/{name}.js" for name in ("transport", "unsent")),
]
STYLES = ["crm/static/crm/tokens.css", "chat/static/chat/frame.css"]


def packed(text: str) -> int:
    return len(gzip.compress(text.encode(), 9))


def test_the_loader_is_under_three_kilobytes():
    assert len(loader_source()[1]) <= 3 * 1024


def test_everything_is_under_twenty_kilobytes(client, shop):
    page = packed(client.get("/widget/frame/boutique/?lang=fr").content.decode())
    modules = sum(packed(without_comments((ROOT / path).read_text())) for path in MODULES)
    styles = sum(packed((ROOT / path).read_text()) for path in STYLES)
    assert len(loader_source()[1]) + page + modules + styles <= 20 * 1024
