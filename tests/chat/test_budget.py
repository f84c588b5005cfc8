"""What a visitor downloads: 3 KB on the host's page, 20 KB with the whole chat."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders

from chat.views.widget import packed
from crm.templatetags.marks import MARKED, marked


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


def test_all_windows_know_the_same_marks():
    """What an agent sees as bold, the visitor does, and so do the portal and the console."""
    theirs, ours = finders.find("chat/dom.js"), finders.find("crm/desk/marks.js")
    marks = re.compile(r"/\((https\?:.+)\)/")
    known = marks.search(Path(theirs).read_text())[1]
    assert known == marks.search(Path(ours).read_text())[1]
    assert MARKED.pattern == f"({known})".replace(r"\/", "/").replace(r"\B", r"(?a:\B)")


def test_marks_are_shown_and_nothing_else_gets_through():
    said = marked("**Oui**, *vite* : `a*b` <b>x</b> https://x.example/?a=1&b=<i> 2 * 3 * 4")
    assert said == (
        "<strong>Oui</strong>, <em>vite</em> : <code>ab</code> &lt;b&gt;x&lt;/b&gt; "
        '<a href="https://x.example/?a=1&amp;b=" target="_blank" rel="noopener noreferrer">'
        "https://x.example/?a=1&amp;b=</a>&lt;i&gt; 2 * 3 * 4"
    )
