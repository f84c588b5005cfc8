"""Every mailbox that no fetcher watches, looked into once: for installations without one, for
servers that cannot announce mail, and for cron."""

from dataclasses import dataclass

from tickets.mail import fetch
from tickets.models import ImapAccount
from tickets.services import fetching, mailbox_tests


@dataclass(frozen=True, slots=True)
class Look:
    account: ImapAccount
    count: int = 0
    trouble: str = ""


def poll(holder: str) -> list[Look]:
    """One look for each account whose lease was free; trouble with one stops no other."""
    looks = []
    for account in ImapAccount.objects.select_related("mailbox").to_fetch():
        if not fetching.lease(account.pk, holder):
            continue
        account.refresh_from_db()
        try:
            with fetch.Folder(fetching.server_of(account), account.folder) as folder:
                looks.append(Look(account, fetching.collect(account, folder, holder)))
        except fetching.LeaseLost:
            continue
        except fetch.Trouble as error:
            words = mailbox_tests.words(error)
            fetching.note_trouble(account.pk, words)
            looks.append(Look(account, trouble=words))
        finally:
            fetching.give_up(account.pk, holder)
    return looks
