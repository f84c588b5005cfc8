"""Every word that the desk's scripts show, in the language of the page."""

import re
from datetime import datetime
from functools import reduce
from operator import or_

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from crm import registry
from crm.models import Interaction, Message

from . import letter_texts, notifying_texts, reply_texts, together_texts


def texts() -> dict[str, str]:
    own = _lists() | _talk() | _beside() | _doing() | _events()
    parts = (letter_texts, notifying_texts, reply_texts, together_texts)
    return reduce(or_, (part.texts() for part in parts), own)


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
        "not_now": _("This cannot be done here now."),
        "queue_of": _("Queue {name}"),
        "due_first": _("first answer due"),
        "due_next": _("answer due"),
        "due_solution": _("solution due"),
        "due_in": _("in {time}"),
        "due_late": _("late by {time}"),
        "complaint": _("Complaint, {level}"),
        "complaint_owner": _("owner {name}"),
        "complaint_into": _("Turn into a complaint"),
        "complaint_change": _("Complaint"),
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
        "change": _("Change"),
        "take_back": _("Take back"),
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
        "simulated": _("simulated"),
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
        "own": _("This exchange"),
        "own_none": _("Nothing filled in yet."),
        "own_change": _("Fill in…"),
        "help_link": _("Insert the link"),
        "help_text": _("Insert the text"),
        "yes": _("yes"),
        "no": _("no"),
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
        "done_go_on": _("It goes on there."),
        "done_join": _("They are with you."),
        "done_part": _("You have left it."),
        "done_alone": _("You go on alone."),
        "done_prolong": _("More time to wrap up."),
        "together": _("with {names}"),
        "phone": _("Number to call"),
        "phone_wrong": _("Write the number to call, such as 01 99 00 12 34."),
        "address": _("Email address"),
        "address_wrong": _("Write the email address to answer to, such as ada@lenoir.example."),
        "no_moment": _("Nobody can call on this subject in the next days"),
        "done_verify": _("Verified."),
        "done_fill": _("Kept."),
        "verify": _("Verify…"),
        "code_sent": _("The code is on its way to {address}."),
        "not_verified_stop": _("Not verified: what is personal is not sent yet."),
        "personal": _("personal"),
        "done_complain": _("It is a complaint now, with times of its own."),
        "done_complaint": _("Done."),
        "done_reopen": _("Open again, and yours."),
        "break_place": _("Break: place {n} · cancel"),
        "break_begins": _("Your break begins."),
        "nothing_longer": _("Nobody waits for you."),
        "live": _("Live"),
        "to_queue": _("To a queue"),
        "to_colleague": _("To a colleague"),
        "state_of": _("My state: {state}"),
        "cancel": _("Cancel"),
        "file_too_large": _("This file is larger than 10 MB."),
        "too_long": _("This is too long for one message."),
        "too_fast": _("Too fast: wait a moment, then send again."),
    }


def _events() -> dict[str, str]:
    return {
        "ev_in_writing": _("They cannot telephone: first in line, and answered in writing"),
        "ev_assigned": _("{agent} has it"),
        "ev_transferred": _("Handed on to {to}"),
        "ev_closed": _("Closed: {outcome}"),
        "ev_next_step": _("Promised: {step}, by {until}"),
        "ev_next_step_due": _("Due now: {step}"),
        "ev_blocked": _("Blocked until {until}: {reason}"),
        "ev_unblocked": _("No longer blocked"),
        "ev_closes_then": _("Closes on {until} unless the customer answers"),
        "ev_closing_told": _("Reminded that it closes: {address}"),
        "ev_closing_told_no_address": _("Nobody could be reminded that it closes: no mail address"),
        "ev_merged_into": _("Merged into no. {reference}"),
        "ev_merged_from": _("Merged from no. {reference}"),
        "ev_unmerged": _("Merge undone: no. {reference} is a request of its own again"),
        "ev_merge_undone": _("Merge undone: no longer in no. {reference}"),
        "ev_split_off": _("Split off: no. {reference}"),
        "ev_split_from": _("Split from no. {reference}"),
        "ev_linked": _("Linked with no. {reference}"),
        "ev_unlinked": _("No longer linked with no. {reference}"),
        "ev_reopened": _("Open again"),
        "ev_waiting": _("Waits for an agent"),
        "ev_given_back_unanswered": _("{agent} did not answer in time: in line again"),
        "ev_given_back_lost": _("{agent} was no longer connected: in line again"),
        "ev_overflowed": _("Nobody answered in time: now in the line of {to}"),
        "ev_hours": _("Its queue has closed: now in the line of {to}"),
        "ev_silent": _("No word from the customer for a while: the place is free"),
        "ev_left": _("The customer has ended the chat"),
        "ev_joined": _("{agent} has joined"),
        "ev_parted": _("{agent} has left"),
        "ev_goes_on": _("Goes on elsewhere: {channel}, no. {reference}"),
        "ev_goes_on_from": _("Continues: {channel}, no. {reference}"),
        "ev_greeting": _("Greeted in the name of {agent}"),
        "ev_callback_asked": _("Call asked for: {promise}"),
        "ev_callback_moved": _("Call moved: {promise}"),
        "ev_could_not_tell": _("The customer could not be told: no address"),
        "ev_their_turn": _("The customer's turn"),
        "ev_snoozed": _("Set aside until {until}"),
        "ev_woken": _("Back from being set aside"),
        "ev_ended": _("The customer has left"),
        "ev_hung_up": _("Hung up"),
        "ev_reminded": _("Asked whether they are still there"),
        "ev_mailed": _("They had gone: sent by email to {address}"),
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
        "ev_hard_abuse": _("Abusive words: {agent} has warned the customer, a lead knows"),
        "ev_hard_distress": _("Distress or danger: {agent} has called a lead"),
        "ev_hard_fraud": _("Fraud suspected: nobody counts as verified here, a lead knows"),
        "ev_hard_lifted": _("Lifted by {agent}"),
        "ev_verified": _("Verified"),
        "ev_soon_first": _("First answer soon due: {until}"),
        "ev_soon_next": _("Answer soon due: {until}"),
        "ev_soon_solution": _("Solution soon due: {until}"),
        "ev_late_first": _("First answer late, it was due {until}"),
        "ev_late_next": _("Answer late, it was due {until}"),
        "ev_late_solution": _("Solution late, it was due {until}"),
        "ev_complaint": _("A complaint from now on, owner: {agent}"),
        "ev_complaint_level": _("Complaint taken to level {level}"),
        "ev_complaint_owner": _("Complaint given to {agent}"),
        "ev_other": _("Changed"),
    }


def event_text(message: Message) -> str:
    """An event's sentence, as `eventText` in conversation.js builds it for the desk."""
    body = {key: str(value) for key, value in message.body.items() if value is not None}
    event = body.get("event", "")
    if until := body.get("until"):
        body["until"] = date_format(
            localtime(datetime.fromisoformat(until)), "SHORT_DATETIME_FORMAT"
        )
    elif event == "snoozed":
        event = "their_turn"
    if "outcome" in body:
        body["outcome"] = str(dict(Interaction.Outcome.choices).get(body["outcome"], ""))
    labels = {channel.name: str(channel.label) for channel in registry.channels()}
    body["channel"] = labels.get(body.get("channel", ""), body.get("channel", ""))
    words = _events()
    said = words.get(f"ev_{event}_{body.get('why')}") or words.get(f"ev_{event}", words["ev_other"])
    filled = re.sub(r"\{(\w+)\}", lambda found: body.get(found[1]) or found[0], said)
    return re.sub(r"[ :\u00a0]*\{\w+\}", "", filled)
