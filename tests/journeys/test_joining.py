"""A new colleague: invited by mail, in with a passkey, and back in the next day with it."""

import re

from playwright.sync_api import CDPSession, Page, expect


def has_a_key(page: Page) -> tuple[CDPSession, str]:
    """A device that keeps passkeys, as Chromium's own DevTools pretend one."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def invites(page: Page, live, email: str) -> None:
    page.goto(live.link("administrator"))
    page.goto(live.url("console").replace("agent.", "admin.") + "crm/user/invite/")
    page.locator("[name=email]").fill(email)
    page.locator("[name=first_name]").fill("Nora")
    page.locator("[name=role]").select_option("agent")
    page.locator("[name=queues]").first.check()
    page.locator("form.b-form button[type=submit]").click()
    expect(page.get_by_text(email)).to_be_visible()


def the_link(page: Page, live, email: str) -> str:
    """Out of the mail, as Nora reads it."""
    page.goto(f"{live.url('catcher')}?q={email}")
    mail = page.locator("#mails li a").first
    for _round in range(60):
        if mail.is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    mail.click()
    found = re.search(r"http\S+/accounts/join/[^\s\"<]+", page.content())
    assert found, page.content()[:2000]
    return found[0]


def test_nora_joins_with_a_passkey_and_comes_back_with_it(live, open_window):
    email = "nora@lumio.example"
    admin = open_window().page
    invites(admin, live, email)
    link = the_link(admin, live, email)

    nora = open_window()
    page = nora.page
    session, key = has_a_key(page)
    page.goto(link)

    # she closes her device's window: nothing opens, and the page says what to do
    session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.locator("#join_passkey").click()
    expect(page.locator("#passkey-failed")).to_be_visible()
    assert "/accounts/join/" in page.url

    session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    page.locator("#join_passkey").click()
    page.wait_for_url(re.compile("/console/"))
    page.goto(page.url.split("/console/")[0] + "/console/desk/")
    expect(page.locator("#desk-live")).to_have_attribute("data-state", "online")

    # the link was for once
    other = open_window()
    other.allowed = [r"410.*/accounts/join/"]  # the response, and Chromium's word about it
    other.page.goto(link)
    expect(other.page.locator("main")).to_contain_text(re.compile("invitation", re.I))

    page.context.clear_cookies()
    page.goto(page.url)
    page.wait_for_url(re.compile("/accounts/login/"))
    expect(page.locator("main")).not_to_contain_text(re.compile("Créez|sign-up"))
    page.locator("#passkey_login").click()
    page.wait_for_url(re.compile("/console/desk/"))
    expect(page.locator("#desk-live")).to_have_attribute("data-state", "online")
