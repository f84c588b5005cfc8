"""From a sentence to whoever said it: what stands behind parity, a comment, the chat, and back."""

from playwright.sync_api import expect

from tests.live import LiveDemo


def test_from_the_parity_sentence_to_a_comment_to_the_chat_and_back(
    live: LiveDemo, open_window
) -> None:
    mia = open_window().page
    mia.goto(live.link("manager") + "?next=/console/reports/satisfaction/?days=90")
    sentence = mia.locator(".report-sentences a").first
    expect(sentence).to_contain_text("Chat")
    sentence.click()

    total = mia.locator(".report-total")
    said = total.inner_text()
    assert int(total.get_attribute("data-total") or 0) > 0
    row = mia.locator("tbody tr").filter(has=mia.locator(".report-said")).first
    comment = row.locator(".report-said").inner_text()
    reference = row.locator("th a").inner_text()
    row.locator("th a").click()

    expect(mia.locator("main")).to_contain_text(reference)
    expect(mia.locator("main")).to_contain_text("sur 5")  # the end of the chat
    mia.go_back()
    expect(total).to_have_text(said)
    expect(mia.locator("tbody")).to_contain_text(comment)
