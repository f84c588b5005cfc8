"""What the journeys' people do with their browsers, in the words of the story."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Frame, Locator, Page, expect


def by_name(page: Page, name: str) -> tuple[float, float] | None:
    """Where a control with this accessible name is, closed shadow roots included.

    The widget's launcher and invitation live in a closed shadow root on purpose; assistive
    technology sees them, and so does this."""
    session = page.context.new_cdp_session(page)
    try:
        session.send("DOM.enable")
        session.send("Accessibility.enable")
        for node in session.send("Accessibility.getFullAXTree")["nodes"]:
            said = node.get("name", {}).get("value", "")
            role = node.get("role", {}).get("value", "")
            if role in ("button", "link") and re.search(name, said):
                box = session.send(
                    "DOM.getBoxModel", {"backendNodeId": node["backendDOMNodeId"]}
                )["model"]["content"]
                return (box[0] + box[4]) / 2, (box[1] + box[5]) / 2
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


def press(page: Page, name: str, seconds: float = 15) -> None:
    """Click the widget's control of that name as soon as it is there."""
    page.mouse.click(*wait_for(page, seconds, lambda: by_name(page, name)))


def widget(page: Page) -> Frame:
    """The chat's own frame on the page."""
    return wait_for(
        page, 15, lambda: next((f for f in page.frames if "/widget/frame/" in f.url), None)
    )


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
