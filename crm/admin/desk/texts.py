"""Every word that the desk's scripts show, in the language of the page."""

from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    return _lists() | _talk() | _beside() | _doing() | _events()


def _lists() -> dict[str, str]:
    return {
        "mine": _("My exchanges"),
        "waiting": _("Waiting in my queues"),
        "mine_empty": _("Nothing in your hands. What is assigned to you appears here by itself."),
        "waiting_empty": _("Nobody waits. New exchanges of your queues will appear here."),
        "pick": _("Choose an exchange on the left, or press J for the next one."),
        "pick_none": _("No exchange is open. Set yourself available to receive chats and calls."),
        "pick_away": _("You are not available: nothing new is handed to you."),
        "wait_me": _("waiting for me"),
        "wait_them": _("waiting for them"),
        "wait_nobody": _("nobody has it"),
        "short_me": _("for me"),
        "short_them": _("for them"),
        "short_nobody": _("free"),
        "snoozed": _("snoozed until {when}"),
        "wrap_up": _("wrap-up"),
        "closed": _("closed"),
        "unread": _("{n} unread"),
        "you": _("You"),
        "seconds": _("{n} s"),
        "minutes": _("{n} min"),
        "hours": _("{n} h"),
        "days": _("{n} d"),
        "since_line": _("{time} since their last line"),
        "places": _("{used} of {all} chat places"),
        "deleted": _("Message deleted"),
        "no_title": _("No subject yet"),
        "queue_of": _("Queue {name}"),
    }


def _talk() -> dict[str, str]:
    return {
        "reply_to": _("Reply to {name}"),
        "note_about": _("Internal note about {name}, for colleagues only"),
        "note": _("Note"),
        "typing": _("{name} is writing…"),
        "sending": _("sending"),
        "sent": _("sent"),
        "read": _("read"),
        "failed": _("not sent"),
        "edited": _("edited"),
        "retry": _("Send again"),
        "older": _("Show earlier messages"),
        "no_messages": _("Nothing has been said yet."),
        "hint_enter": _("Enter sends, Shift + Enter starts a new line"),
        "hint_ctrl": _("Ctrl + Enter sends"),
        "hint_take": _("Take it to answer."),
        "hint_theirs": _("{name} has this exchange. You can leave a note."),
        "hint_closed": _("Closed. Reopen it to write again."),
        "read_only": _("You can read here; only agents answer."),
        "log": _("Conversation with {name}"),
        "customer": _("Customer"),
        "system": _("Bravo"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "survey_card": _("Survey sent"),
        "survey_done": _("Survey answered: {score} of 5"),
        "card": _("Card: {name}"),
        "draft": _("draft"),
        "original": _("The mail as it was sent"),
        "original_files": _("The mail as it was sent, {n} files"),
        "original_file": _("The mail as it was sent, 1 file"),
        "quoted": _("The whole mail, with what it quotes"),
        "stranger": _("not the customer"),
        "robot": _("automatic answer"),
    }


def _beside() -> dict[str, str]:
    return {
        "verified": _("verified: {how}, {when}"),
        "not_verified": _("not verified in this exchange"),
        "verified_short": _("verified"),
        "language": _("Writes in"),
        "town": _("Town"),
        "organisation": _("Organisation"),
        "known_since": _("Known since"),
        "identities": _("Known by"),
        "no_identities": _("No address or number yet."),
        "elsewhere": _("Also open"),
        "journey": _("Before writing"),
        "no_journey": _("They came straight here: nothing searched or read."),
        "timeline": _("Earlier exchanges"),
        "no_timeline": _("First contact: nothing earlier on record."),
        "more": _("Show more"),
        "record": _("Open the record"),
        "notes": _("Notes"),
        "result": _("1 result"),
        "results": _("{n} results"),
        "no_results": _("no result"),
        "score": _("{n} of 5"),
    }


def _doing() -> dict[str, str]:
    return {
        "offline": _("Connection lost. What you write is kept and sent when it is back."),
        "offline_short": _("Connection lost"),
        "signed_out_short": _("Signed out"),
        "online": _("Connected again."),
        "signed_out": _("Your session has ended. Sign in again; your drafts are kept."),
        "failed_action": _("That did not work. Check the connection and try again."),
        "assigned_toast": _("New for you: {name}"),
        "rated_toast": _("{name}: {n} of 5"),
        "done_take": _("It is yours."),
        "done_transfer": _("Handed on."),
        "done_wait": _("It is the customer's turn."),
        "done_snooze": _("Set aside."),
        "done_close": _("Closed. Bravo."),
        "done_close_plain": _("Closed."),
        "done_verify": _("Verified."),
        "verify": _("Verify…"),
        "code_sent": _("The code is on its way to {address}."),
        "not_verified_stop": _("Not verified: what is personal is not sent yet."),
        "personal": _("personal"),
        "done_reopen": _("Open again, and yours."),
        "nothing_longer": _("Nobody waits for you."),
        "live": _("Live"),
        "to_queue": _("To a queue"),
        "to_colleague": _("To a colleague"),
        "state_of": _("My state: {state}"),
        "too_long": _("This is too long for one message."),
        "too_fast": _("Too fast: wait a moment, then send again."),
    }


def _events() -> dict[str, str]:
    return {
        "ev_assigned": _("{agent} has it"),
        "ev_transferred": _("Handed on to {to}"),
        "ev_closed": _("Closed: {outcome}"),
        "ev_reopened": _("Open again"),
        "ev_waiting": _("Waits for an agent"),
        "ev_their_turn": _("The customer's turn"),
        "ev_snoozed": _("Set aside until {until}"),
        "ev_woken": _("Back from being set aside"),
        "ev_ended": _("The customer has left"),
        "ev_hung_up": _("Hung up"),
        "ev_reminded": _("Asked whether they are still there"),
        "ev_page": _("They are now on: {title}"),
        "ev_ordered": _("Order {reference}: {amount} €"),
        "ev_order_undone": _("No order after all"),
        "ev_rated": _("Rated {score} of 5"),
        "ev_called": _("Call no. {number}"),
        "ev_callback_promised": _("Call promised: {promise}"),
        "ev_mail_failed": _("Not delivered to {address}: {error}"),
        "ev_mail_bounced": _("Came back undelivered: {address}"),
        "ev_mail_delayed": _("Delivery to {address} is delayed"),
        "ev_code_sent": _("Code sent to {address}"),
        "ev_verified": _("Verified"),
        "ev_other": _("Changed"),
    }
