"""What a visitor downloads: 3 KB on the host's page, 20 KB with the whole chat."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders

from chat.views.widget import packed


def test_the_loader_is_under_three_kilobytes():
    assert len(packed("loader.js").gzip) <= 3 * 1024


def test_everything_is_under_twenty_kilobytes(client, shop):
    page = len(gzip.compress(client.get("/widget/frame/boutique/?lang=fr").content, 9))
    assets = sum(len(packed(name).gzip) for name in ("loader.js", "app.js", "app.css"))
    assert page + assets <= 20 * 1024


def test_the_frame_loads_one_script_and_one_style_and_browsers_keep_them(client, shop):
    page = client.get("/widget/frame/boutique/").content.decode()
    addresses = [f"/widget/{packed(name).digest}/{name}" for name in ("app.js", "app.css")]
    assert [address for address in addresses if address in page] == addresses
    assert page.count("<script") == 2  # with the words
    for address in addresses:
        assert "immutable" in client.get(address)["Cache-Control"]
        assert client.get(address.replace("/widget/", "/widget/x"))["Cache-Control"] == "no-store"
    assert client.get("/widget/x/frame.js").status_code == 404


def test_both_windows_know_the_same_marks():
    """What an agent sees as bold, the visitor does."""
    theirs, ours = finders.find("chat/dom.js"), finders.find("crm/desk/marks.js")
    marks = re.compile(r"/\((https\?:.+)\)/")
    assert marks.search(Path(theirs).read_text())[1] == marks.search(Path(ours).read_text())[1]
