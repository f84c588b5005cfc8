"""What the chat leaves behind, for the console: every decision, every chat; and what queues ask."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from chat.models import Chat, Invitation, Question, QueueSettings
from crm.admin.read_only import EndlessAdmin

State = Invitation.State
_COLORS = {
    State.SHOWN: "info",
    State.WITHHELD: "",
    State.ACCEPTED: "success",
    State.REFUSED: "warning",
    State.EXPIRED: "",
    State.WITHDRAWN: "danger",
}


class QuestionInline(TabularInline):
    model = Question
    fields = ["asks", "own_field", "is_required", "position"]
    extra = 0


@admin.register(QueueSettings)
class QueueSettingsAdmin(ModelAdmin):
    inlines = [QuestionInline]
    list_display = ["queue", "remind_minutes", "silent_minutes"]
    list_select_related = ["queue"]


@admin.register(Invitation)
class InvitationAdmin(EndlessAdmin):
    """Also answers "why was nobody invited at 14:10?": the withheld ones, with their reason."""

    list_display = ["created_at", "badge", "why", "rule", "agent", "page", "seconds", "times"]
    list_select_related = ["rule", "agent", "site"]
    list_filter = [("created_at", RangeDateTimeFilter), "state", "reason", "site", "rule"]
    list_filter_submit = True
    date_hierarchy = None
    fields = [
        "site", "rule", "subject", "queue", "agent", "state", "reason", "page_url", "page_title",
        "seconds", "created_at", "times", "last_at", "shown_at", "expires_at", "decided_at",
        "interaction",
    ]  # fmt: skip

    @display(description=_("state"), ordering="state", label=_COLORS)
    def badge(self, invitation: Invitation) -> tuple[str, str]:
        return invitation.state, invitation.get_state_display()

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, invitation: Invitation) -> str:
        return invitation.get_reason_display() if invitation.reason else "–"

    @admin.display(description=_("page"))
    def page(self, invitation: Invitation) -> str:
        return invitation.page_title or invitation.page_url


@admin.register(Chat)
class ChatAdmin(EndlessAdmin):
    list_display = ["interaction", "site", "customer", "page_title", "promised_agent"]
    list_select_related = ["interaction__customer", "site", "promised_agent"]
    list_filter = ["site"]
    search_fields = ["visitor_name", "page_title"]

    @admin.display(description=_("customer"))
    def customer(self, chat: Chat) -> str:
        return str(chat.interaction.customer)
