"""What the journeys' people do with their browsers, in the words of the story."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Frame, Locator, Page, expect


def by_name(
    page: Page, name: str, *, below: float = 0.0, role: str = "button"
) -> tuple[float, float] | None:
    """Where a control with this accessible name is, closed shadow roots included; `below` that
    height, because the widget's own lie at the foot of the window, and inside the window, because
    what lies further down the page cannot be clicked.

    The widget's launcher and invitation live in a closed shadow root on purpose; assistive
    technology sees them, and so does this."""
    assert page.viewport_size
    foot = page.viewport_size["height"]
    session = page.context.new_cdp_session(page)
    try:
        session.send("DOM.enable")
        session.send("Accessibility.enable")
        for node in session.send("Accessibility.getFullAXTree")["nodes"]:
            said = node.get("name", {}).get("value", "")
            if node.get("role", {}).get("value") == role and re.search(name, said):
                box = session.send("DOM.getBoxModel", {"backendNodeId": node["backendDOMNodeId"]})[
                    "model"
                ]["content"]
                x, y = (box[0] + box[4]) / 2, (box[1] + box[5]) / 2
                if below <= y < foot:
                    return x, y
    finally:
        session.detach()
    return None


def wait_for(page: Page, seconds: float, found: Callable[[], Any]) -> Any:
    """Ask again until something is found; the page goes on living meanwhile."""
    for _round in range(int(seconds * 4)):
        if result := found():
            return result
        page.wait_for_timeout(250)
    raise AssertionError(f"not within {seconds} s")


def press(page: Page, name: str, seconds: float = 15, below: float = 0.0) -> None:
    """Click the widget's control of that name as soon as it is there."""
    page.mouse.click(*wait_for(page, seconds, lambda: by_name(page, name, below=below)))


def widget(page: Page) -> Frame:
    """The chat's own frame on the page."""
    return wait_for(
        page, 15, lambda: next((f for f in page.frames if "/widget/frame/" in f.url), None)
    )


def accepts(page: Page, name: str | re.Pattern[str], seconds: float = 60) -> None:
    """The invitation comes by itself and names somebody; the visitor says yes."""
    invitation = widget(page).locator(".invitation")
    expect(invitation).to_contain_text(name, timeout=seconds * 1000)
    invitation.locator("button.yes").click()


def says(page: Page, text: str) -> None:
    """The visitor writes a line in the window."""
    field = widget(page).locator("textarea")
    field.fill(text)
    field.press("Enter")


def hears(page: Page, text: str, seconds: float = 30) -> None:
    """The line stands in the visitor's window exactly once."""
    expect(widget(page).get_by_text(text, exact=True)).to_have_count(1, timeout=seconds * 1000)


def comes_to_work(page: Page, link: str) -> None:
    """An agent signs in and is available."""
    page.goto(link)
    page.wait_for_url(re.compile("/console/desk/"))
    state = page.locator("#desk-state-choice")
    state.select_option("available")
    expect(page.locator("#desk-live")).to_have_attribute("data-state", "online")


def opens_first(page: Page) -> Locator:
    """The agent opens the first exchange of their own list."""
    row = page.locator("#desk-mine > li").first
    row.click()
    expect(page.locator("#desk-open")).to_be_visible()
    return row


def answers(page: Page, text: str) -> None:
    """The agent writes a chat line at the desk."""
    page.locator("#desk-field").fill(text)
    page.locator("#desk-field").press("Enter")


def reads(page: Page, text: str, seconds: float = 30) -> None:
    """The line stands in the agent's conversation exactly once."""
    said = page.locator("#desk-log").get_by_text(text, exact=True)
    expect(said).to_have_count(1, timeout=seconds * 1000)


def closes(page: Page, outcome: str = "solved") -> None:
    """The agent closes with a code, by the keyboard."""
    page.locator("#desk-log").focus()
    page.keyboard.press("e")
    dialog = page.locator("#desk-close")
    expect(dialog).to_be_visible()
    dialog.locator(f"[data-outcomes] input[value={outcome}]").check(force=True)
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_be_hidden()


# -- mail, by the demo's catcher

ADA = ("ada@lumio.example", "Ada Lenoir")


def writes_as_customer(
    page: Page,
    live: Any,
    *,
    subject: str,
    text: str,
    sender: tuple[str, str] = ADA,
) -> None:
    """Somebody writes from their own mail program: by real SMTP, through the catcher's form."""
    page.goto(live.url("catcher") + "write/")
    page.locator("[name=sender]").fill(sender[0])
    page.locator("[name=sender_name]").fill(sender[1])
    page.locator("[name=to]").fill("assistance@lumio.example")
    page.locator("[name=subject]").fill(subject)
    page.locator("[name=text]").fill(text)
    page.locator("main button.button").click()
    expect(page.locator("[role=status]").first).to_be_visible()


def catches(page: Page, live: Any, text: str) -> None:
    """The answer is in the catcher, as the customer reads it."""
    page.goto(live.url("catcher") + "?q=ada@lumio.example")
    found = page.locator("#mails li", has_text="novembre").first

    def arrived() -> bool:
        page.reload()
        return found.is_visible() and text[:20] in page.locator("#mails").inner_text()

    wait_for(page, 60, arrived)
    page.locator("#mails li", has_text=text[:20]).first.locator("a").click()
    expect(page.locator("article.mail")).to_be_visible()


def reads_code(page: Page, live: Any, address: str, subject: str) -> str:
    """The code that a mail to somebody brings, as they would read it."""

    def arrived() -> bool:
        page.goto(live.url("catcher") + f"?q={address}")
        return page.locator("#mails li", has_text=subject).count() > 0

    wait_for(page, 60, arrived)
    page.locator("#mails li", has_text=subject).first.locator("a").click()
    said = page.frame_locator("article.mail iframe").locator("body").inner_text()
    found = re.search(r"^\s*([A-Z0-9]{3,4}-[A-Z0-9]{3,4})\s*$", said, re.M)
    assert found, said
    return found[1]


def answers_the_mail(page: Page, text: str) -> None:
    """A reply that keeps In-Reply-To and References, as mail programs do."""
    page.locator("article.mail a.button").click()
    page.locator("[name=text]").fill(text)
    page.locator("main button.button").click()
    expect(page.locator("[role=status]").first).to_be_visible()


def takes(page: Page, said: str) -> None:
    """The agent helps themselves to what waits in the queue, known by its last words; the list is
    live."""
    row = page.locator("#desk-waiting > li", has_text=said)
    expect(row).to_have_count(1, timeout=60_000)
    row.click()
    page.locator("[data-do=take]").click()
    expect(page.locator("#desk-mine > li", has_text=said)).to_have_count(1)


def replies(page: Page, text: str) -> None:
    """A mail's answer: written and sent with the button."""
    page.locator("#desk-field").fill(text)
    page.locator("#desk-write button[type=submit]").click()
    reads(page, text)


# -- calls


def asks_for_a_call(
    page: Page, live: Any, subject: str, phone: str, called: str = "Ada Lenoir"
) -> None:
    page.goto(live.url("portal") + f"fr/callback/?subject={subject}")
    page.locator("label.now").click()
    page.locator("[name=phone]").fill(phone)
    name = page.locator("[name=name]")
    if name.is_visible() and not name.input_value():
        name.fill(called)
    page.locator("main form.form button[type=submit]").click()
    page.wait_for_load_state()
    expect(page.locator("main")).to_contain_text("99")


def gets(page: Page, channel: str) -> None:
    """It is assigned by itself; the agent opens it."""
    row = page.locator("#desk-mine > li").first
    expect(row).to_be_visible(timeout=60_000)
    row.click()
    expect(page.locator("#desk-channel .callsheet")).to_be_visible()


def calls(page: Page, outcome: str) -> None:
    """ "I am calling", and what came of it."""
    page.locator("[data-call=calling] button").click()
    page.locator(f"[data-call=hung-up] button[value={outcome}]").click()
    expect(page.locator("[data-call=hung-up]")).to_have_count(0)


def verdicts(page: Page, live: Any) -> dict[str, str]:
    """Channel → verdict of Ada's exchanges of today, as the API tells an administrator."""
    page.goto(live.link("administrator"))

    def ask(path: str) -> list[dict[str, Any]]:
        # by the page: only browsers resolve *.localhost everywhere
        fetched = page.evaluate("path => fetch(path).then(r => r.json())", f"/api/v1/{path}")
        return fetched["results"]

    ada = ask("customers/?identities__value=ada@lumio.example")[0]["id"]
    asked = ask(f"survey-invitations/?customer={ada}")
    rows = ask(f"interactions/?customer={ada}")
    today = max(row["opened_at"] for row in rows)[:10]  # the demo gives her a past, too
    channel = {row["id"]: row["channel"] for row in rows if row["opened_at"] >= today}
    return {
        channel[one["interaction"]]: one["verdict"]
        for one in asked
        if one["interaction"] in channel
    }
