"""Mailboxes with their servers, tried by a button; and the senders' list."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from tickets.admin.inlines import HookInline, ImapInline, RuleInline
from tickets.admin.trying import DraftForm, MailForm
from tickets.mail import fetch
from tickets.models import ImapAccount, Mail, Mailbox, MailRule, SenderRule
from tickets.services import consent, mailbox_tests, trials

CONSENTED = "tickets_mailbox_consented"
_ASKED = "tickets.consent"  # in the session
_MAY_KEEP = "tickets.add_mailrule"


@admin.register(Mailbox)
class MailboxAdmin(ModelAdmin):
    list_display = ("address", "name", "queue", "language", "fetched", "is_active")
    list_select_related = ("queue", "imap", "hook")
    search_fields = ("address", "name")
    nothing = _("An address of yours: what arrives there becomes requests.")
    inlines = (ImapInline, HookInline, RuleInline)
    actions_detail = ("test", "try_rules", "connect")
    fieldsets = (
        (None, {"fields": ("address", "name", ("queue", "language"), "is_active")}),
        (_("Signatures"), {"fields": ("signature_fr", "signature_en")}),
        (_("What comes in"), {"fields": ("takes_lists", "receiving_server")}),
        (_("What goes out"), {"fields": ("from_name", "from_address", "per_minute")}),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "language":
            kwargs["widget"] = UnfoldAdminSelectWidget(choices=settings.LANGUAGES)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name.startswith("signature"):
            field.widget.attrs["rows"] = 3
        return field

    @display(
        description=_("fetched"),
        label={"listens": "info", "waits": "info", "works": "success", "fails": "danger"},
    )
    def fetched(self, mailbox: Mailbox) -> tuple[str, Any]:
        account, hook = getattr(mailbox, "imap", None), getattr(mailbox, "hook", None)
        if account is None or not account.is_active:
            posted = hook.get_provider_display() if hook and hook.is_active else ""
            return "listens", posted or _("comes by SMTP")
        if account.error:
            return "fails", account.error[:80]
        return ("works", account.host) if account.checked_at else ("waits", _("not looked at yet"))

    def get_urls(self) -> list[URLPattern]:
        back = path("consent/", self.admin_site.admin_view(self.consented), name=CONSENTED)
        return [back, *super().get_urls()]

    def has_test_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("tickets.change_mailbox")

    def has_connect_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        accounts = ImapAccount.objects.exclude(sign=ImapAccount.Sign.PASSWORD)
        mine = accounts.filter(mailbox=object_id).exclude(client_id="")
        return self.has_test_permission(request) and mine.exists()

    def _mailbox(self, request: HttpRequest, key: Any) -> Mailbox:
        if not self.has_test_permission(request):
            raise PermissionDenied
        mailbox = self.get_queryset(request).select_related("imap", "hook").filter(pk=key).first()
        if mailbox is None:
            raise Http404
        return mailbox

    @action(description=_("Test"), url_path="test", permissions=["test"], icon="network_check")
    def test(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Tries the way its mail comes step by step, as it is saved; changes nothing there."""
        mailbox = self._mailbox(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Test of %(mailbox)s") % {"mailbox": mailbox},
            "mailbox": mailbox,
            "account": getattr(mailbox, "imap", None),
            "lines": mailbox_tests.test(mailbox),
        }
        return render(request, "tickets/console/test.html", context)

    @action(description=_("Try the rules"), url_path="try", permissions=["test"], icon="rule")
    def try_rules(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """What would become of a mail, with the rules as they are or with one more; keeps that one
        when told to."""
        mailbox = self._mailbox(request, object_id)
        came = Mail.objects.inbound().filter(mailbox=mailbox).visible_to(request.user)
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        mail, draft = MailForm(*posted, came=came), DraftForm(posted[0], mailbox=mailbox)
        if "keep" in request.POST and draft.is_valid() and (rule := draft.rule()):
            return self._keep(request, mailbox, rule)
        trial = None
        if mail.is_valid() and draft.is_valid():
            trial = trials.run(mailbox, mail.raw(), draft.rule())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Try the rules of %(mailbox)s") % {"mailbox": mailbox},
            "mailbox": mailbox,
            "mail": mail,
            "draft": draft,
            "may_keep": request.user.has_perm(_MAY_KEEP),
            "trial": trial,
        }
        return render(request, "tickets/console/try.html", context)

    def _keep(self, request: HttpRequest, mailbox: Mailbox, rule: MailRule) -> HttpResponse:
        if not request.user.has_perm(_MAY_KEEP):
            raise PermissionDenied
        rule.mailbox = mailbox
        rule.save()
        self.message_user(request, _("The rule “%(rule)s” is kept.") % {"rule": rule})
        return redirect(reverse("admin:tickets_mailbox_try_rules", args=[mailbox.pk]))

    @action(description=_("Connect"), url_path="connect", permissions=["connect"], icon="key")
    def connect(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """To Microsoft or Google, where the mailbox's owner consents."""
        if not self.has_connect_permission(request, object_id):
            raise PermissionDenied
        asked = consent.ask(self._mailbox(request, object_id).imap, _back_to())
        request.session[_ASKED] = {
            "mailbox": int(object_id),
            "state": asked.state,
            "verifier": asked.verifier,
        }
        return redirect(asked.url)

    def consented(self, request: HttpRequest) -> HttpResponse:
        """The browser comes back with a code, for the question that this session asked."""
        asked = request.session.pop(_ASKED, None)
        state = request.GET.get("state", "")
        if asked is None or not constant_time_compare(state, asked["state"]):
            raise PermissionDenied
        mailbox = self._mailbox(request, asked["mailbox"])
        try:
            if "code" not in request.GET:
                said = request.GET.get("error_description") or request.GET.get("error", "")
                raise fetch.SignInRefused(said[:300])
            consent.finish(mailbox.imap, request.GET["code"], asked["verifier"], _back_to())
        except fetch.Trouble as error:
            self.message_user(request, mailbox_tests.words(error), messages.ERROR)
        else:
            self.message_user(request, _("Connected. Test it now."), messages.SUCCESS)
        return redirect(reverse("admin:tickets_mailbox_change", args=[mailbox.pk]))


def _back_to() -> str:
    return settings.CONSOLE_URL + reverse(f"admin:{CONSENTED}")


@admin.register(SenderRule)
class SenderRuleAdmin(ModelAdmin):
    list_display = ("pattern", "action", "note", "created_at")
    list_filter = ("action",)
    search_fields = ("pattern", "note")
    nothing = _("Senders who are always let in, or always kept out: an address or a whole domain.")
    fields = ("pattern", "action", "note")
