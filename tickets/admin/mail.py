"""Every mail in and out, and the quarantine."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe
from unfold.decorators import display

from crm.admin.quick import badge
from crm.admin.read_only import EndlessAdmin
from crm.services import files
from tickets.mail import fetch, store
from tickets.models import Mail, Quarantine
from tickets.services import (
    fetching,
    letters,
    mailbox_tests,
    pieces,
    reasons,
    receiving,
    sending,
    spam,
)

State = Mail.State
TONES = {
    State.RECEIVED: "info",
    State.FILED: "success",
    State.DUPLICATE: "info",
    State.SET_ASIDE: "info",
    State.QUARANTINED: "danger",
    State.QUEUED: "info",
    State.IN_FLIGHT: "info",
    State.RETRY: "warning",
    State.SENT: "success",
    State.DELIVERED: "success",
    State.CALLED_BACK: "info",
    State.FAILED: "danger",
    State.BOUNCED: "danger",
}


# where a field of the page has its value
_FROM = {
    "standing": "state", "reason": "error", "sent_to": "to", "in_copy": "cc",
    "in_blind_copy": "bcc", "judged": "verdict", "because": "why", "raw": "source",
}  # fmt: skip
# what may be done to a mail in this state: the list that does it, and its action
_ACTS = {
    State.QUARANTINED: ("quarantine", "try_again", _("Try again")),
    State.SET_ASIDE: ("mail", "no_spam", _("Let it in")),
    State.FAILED: ("mail", "send_again", _("Send again")),
}


class _MailAdmin(EndlessAdmin):
    """Read only: a mail is what was sent or received."""

    list_display: tuple[str, ...] = ("title", "way", "standing", "who", "interaction", "created_at")
    list_select_related = ("interaction",)
    list_filter: tuple[str, ...] = ("direction", "state", "mailbox", "maybe_twice")
    list_per_page = 25
    search_fields = ("=from_email", "=header_id", "subject")
    search_help_text = _("A sender's address, a Message-ID, or words of the subject")
    fields = (
        "subject", "standing", "reason", "from_name", "from_email", "reply_to",
        "sent_to", "in_copy", "in_blind_copy",
        "interaction", "mailbox", "header_id", "judged", "because", "attempts", "next_try_at",
        "sent_at", "delivered_at", "maybe_twice", "created_at", "text", "raw",
    )  # fmt: skip
    readonly_fields = fields
    change_form_outer_before_template = "tickets/console/_act.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Those that say something."""
        told = [name for name in self.fields if getattr(obj, _FROM.get(name, name), None)]
        return [name for name in told if name != "attempts" or obj.attempts > 1]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        mail = self.get_object(request, object_id)
        act = _ACTS.get(State(mail.state)) if mail and self.has_retry_permission(request) else None
        context = {"act": None, **(extra_context or {})}
        if act is not None:
            where = reverse(f"admin:tickets_{act[0]}_changelist")
            context["act"] = {"list": where, "name": act[1], "label": act[2]}
        return super().change_view(request, object_id, form_url, context)

    def get_queryset(self, request: HttpRequest) -> Any:
        queryset: Any = super().get_queryset(request)
        return queryset.visible_to(request.user)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Who looks after the mailboxes looks after what did not get through."""
        return request.user.has_perm("tickets.change_mail")

    @display(description=pgettext_lazy("mail", "subject"))
    def title(self, mail: Mail) -> str:
        return str(mail)

    @display(description=_("direction"), ordering="direction")
    def way(self, mail: Mail) -> str:
        return mail.get_direction_display()

    @display(description=_("state"), ordering="state")
    def standing(self, mail: Mail) -> str:
        return badge(mail.get_state_display(), TONES[State(mail.state)])

    @display(description=_("from or to"))
    def who(self, mail: Mail) -> str:
        return mail.from_email if mail.direction == Mail.Direction.IN else ", ".join(mail.to)

    @display(description=_("to"))
    def sent_to(self, mail: Mail) -> str:
        return ", ".join(mail.to)

    @display(description=_("in copy"))
    def in_copy(self, mail: Mail) -> str:
        return ", ".join(mail.cc)

    @display(description=_("in blind copy"))
    def in_blind_copy(self, mail: Mail) -> str:
        return ", ".join(mail.bcc)

    @display(description=_("error"), ordering="error")
    def reason(self, mail: Mail) -> str:
        return reasons.words(mail.error)

    @display(description=_("verdict"), ordering="verdict")
    def judged(self, mail: Mail) -> str:
        return reasons.verdict(mail.verdict)

    @display(description=_("why"), ordering="why")
    def because(self, mail: Mail) -> str:
        return reasons.why(mail.why)

    @display(description=_("raw source"))
    def raw(self, mail: Mail) -> str:
        if not mail.source:
            return "-"
        address = reverse("admin:tickets_mail_source", args=[mail.pk])
        return format_html('<a href="{}">{}</a>', address, _("Download"))


@admin.register(Mail)
class MailAdmin(_MailAdmin):
    actions = ("send_again", "spam", "no_spam")

    def get_urls(self) -> list[URLPattern]:
        doors: dict[str, tuple[Any, str]] = {
            "<int:pk>/source/": (self.source, "tickets_mail_source"),
            "<int:pk>/letter/": (self.letter, "tickets_mail_letter"),
            "<int:pk>/html/": (self.html, "tickets_mail_html"),
            "<int:pk>/file/<int:file>/": (self.file, "tickets_mail_file"),
        }
        mine = [
            path(route, self.admin_view(view), name=name) for route, (view, name) in doors.items()
        ]
        return [*mine, *super().get_urls()]

    def admin_view(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        safe: Any = require_safe(view)
        return self.admin_site.admin_view(safe)

    def _said(self, request: HttpRequest, pk: int) -> Mail:
        """A mail that is a message of an interaction, for who may see that."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_queryset(request).select_related("message").filter(pk=pk)
        mail = found.exclude(message=None).first()
        if mail is None:
            raise Http404
        return mail

    def letter(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the desk unfolds under a message: the mail whole, and its files."""
        mail = self._said(request, pk)
        context = {
            "mail": mail,
            "files": letters.listed(mail),
            "remote": letters.has_remote(mail),
            "warnings": letters.warnings(mail),
        }
        return render(request, "tickets/console/_letter.html", context)

    @method_decorator(xframe_options_sameorigin)
    def html(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The mail's own HTML, for the sandboxed frame only."""
        mail = self._said(request, pk)
        origin = f"{request.scheme}://{request.get_host()}"
        remote = "pictures" in request.GET
        policy = letters.policy(origin, remote=remote)
        return HttpResponse(
            letters.document(mail, remote=remote),
            headers={"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"},
        )

    def file(self, request: HttpRequest, pk: int, file: int) -> HttpResponse:
        """To the file itself, by a link made now."""
        mail = self._said(request, pk)
        found = next((row for row in pieces.rows(mail) if row.pk == file), None)
        if found is None:
            raise Http404
        return redirect(files.link(found))

    def source(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The bytes as they came, as a file: never shown by the browser as a page."""
        if not request.user.has_perm("tickets.read_source"):
            raise PermissionDenied
        mail = self.get_queryset(request).filter(pk=pk).exclude(source="").first()
        if mail is None:
            raise Http404
        return HttpResponse(
            store.get(mail.source),
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Disposition": f'attachment; filename="mail-{mail.pk}.eml"',
                "X-Content-Type-Options": "nosniff",
            },
        )

    @admin.action(description=_("Send again"), permissions=["retry"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        done = sum(sending.retry(mail) for mail in queryset)
        messages.success(request, _("%(count)s mails are in the outbox again.") % {"count": done})

    @admin.action(description=_("It is spam: close, and block the sender"), permissions=["retry"])
    def spam(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        user: Any = request.user
        done = sum(spam.mark(mail, by=user) for mail in queryset)
        messages.success(request, _("%(count)s mails are spam.") % {"count": done})

    @admin.action(description=_("Let in what was set aside"), permissions=["retry"])
    def no_spam(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        user: Any = request.user
        done = sum(spam.let_in(mail, by=user) for mail in queryset)
        messages.success(request, _("%(count)s mails were let in.") % {"count": done})


@admin.register(Quarantine)
class QuarantineAdmin(_MailAdmin):
    list_display = ("title", "who", "reason", "created_at")
    list_filter = ()
    nothing = _("Every mail could be filed. One that cannot be waits here, with its error.")
    actions = ("try_again",)

    @admin.action(description=_("Try again"), permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        for mail in queryset:
            try:
                if mail.error.startswith(reasons.TOO_LARGE):
                    fetching.fetch_whole(mail)
                else:
                    receiving.retry(mail)
            except fetching.NotFetched as error:
                messages.error(request, f"{mail}: {error}")
            except fetch.Trouble as error:
                messages.error(request, f"{mail}: {mailbox_tests.words(error)}")
        left = Mail.objects.quarantined().count()
        messages.info(request, _("Tried again; %(count)s are left.") % {"count": left})
