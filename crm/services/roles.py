"""The roles, as Django groups with the permissions they need."""

from django.contrib.auth.models import Group, Permission
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import pgettext_lazy

_READ = [
    "view_customer",
    "view_identity",
    "view_interaction",
    "view_message",
    "view_visit",
    "view_subject",
    "view_queue",
    "view_agent",
    "view_organisation",
    "view_ownfield",
    "view_mergesuggestion",
    "view_note",
    "view_article",
    "view_category",
    "view_translation",
    "view_chat",
    "view_ticket",
    "view_callback",
    "view_complaint",
    "view_duetime",
    "view_mail",
    "view_incident",
    "view_callrule",
    "view_answer",
    "view_phonenumber",
    "view_action",
    "view_replytemplate",
    "view_macro",
    "view_regrouping",
]
_AGENT = [
    *_READ,
    "add_note",
    "change_customer",
    "add_customer",
    "add_identity",
    "delete_identity",
    "add_message",
    "add_exchangepulse",
    "add_regrouping",
    "change_interaction",
    "add_interaction",
    "add_callback",
    "add_complaint",
    "view_hardmoment",
    "view_block",
    "view_mention",
    "view_exchangepulse",
    "add_hardmoment",
    "view_listview",
    "add_listview",
    "delete_listview",
]
_LEAD = [
    *_AGENT,
    "view_team_interactions",
    "supervise_interactions",
    "view_team",
    "view_schedule",
    "view_target",
    "view_recourse",
    "view_plan",
    "view_agentstate",
    "view_invitation",
    "view_surveyinvitation",
    "view_survey",
    "change_answer",
    "view_followup",
    "change_followup",
    "change_identity",
    "view_merge",
    "add_merge",
    "add_mergesuggestion",
    "add_organisation",
    "change_organisation",
    "add_incident",
    "change_incident",
    "add_replytemplate",
    "change_replytemplate",
    "delete_replytemplate",
    "add_macro",
    "change_macro",
    "delete_macro",
    "view_toneguide",
    "add_toneguide",
    "change_toneguide",
    "view_stoprule",
    "view_reportview",
    "add_reportview",
    "change_reportview",
    "delete_reportview",
    "view_reportmail",
    "add_reportmail",
    "change_reportmail",
    "delete_reportmail",
    "change_hardmoment",
    "add_block",
    "change_block",
    "view_hardsheet",
]
_MANAGER = [
    *_LEAD,
    "view_all_interactions",
    "handle_privacy",
    "import_customers",
    "view_export",
    "add_export",
    "view_import",
    "add_import",
    "view_privacyrequest",
    "add_privacyrequest",
    "view_legalhold",
    "view_retentionrule",
    "view_reports",
    "add_survey",
    "change_survey",
    "view_invitationrule",
    "view_site",
    "view_mailbox",
    "view_user",
    "change_article",
    "add_article",
    "publish_article",
    "change_translation",
    "add_translation",
    "view_version",
    "add_version",
    "delete_version",
    "view_articlefile",
    "add_articlefile",
    "delete_articlefile",
    "view_lesson",
    "delete_lesson",
    "view_synonyms",
    "add_synonyms",
    "change_synonyms",
    "delete_synonyms",
    "change_plan",
    "add_plan",
]

AGENT, LEAD, MANAGER = "agent", "team lead", "manager"
ADMINISTRATOR, AUDITOR = "administrator", "auditor"
LABELS = {
    AGENT: pgettext_lazy("role", "agent"),
    LEAD: pgettext_lazy("role", "team lead"),
    MANAGER: pgettext_lazy("role", "manager"),
    ADMINISTRATOR: pgettext_lazy("role", "administrator"),
    AUDITOR: pgettext_lazy("role", "auditor"),
}
ROLES: dict[str, frozenset[str] | None] = {
    AGENT: frozenset(_AGENT),
    LEAD: frozenset(_LEAD),
    MANAGER: frozenset(_MANAGER),
    ADMINISTRATOR: None,  # everything
    AUDITOR: frozenset(),  # every `view_`, and nothing else
}


def ensure(using: str = DEFAULT_DB_ALIAS) -> None:
    """Make the groups and give them their permissions; running it again changes nothing.

    After every migration: permissions exist only then. The shipped roles are as they are shipped;
    who wants others makes a group of their own."""
    shipped = Group.objects.using(using)
    shipped.bulk_create([Group(name=name) for name in ROLES], ignore_conflicts=True)
    groups = dict(shipped.filter(name__in=ROLES).values_list("pk", "name"))
    permissions = Permission.objects.using(using).values_list("pk", "codename")
    wanted = {
        (group, pk) for pk, code in permissions for group in groups if _may(groups[group], code)
    }
    given = Group.permissions.through.objects.using(using)
    has = {(row.group_id, row.permission_id): row.pk for row in given.filter(group__in=groups)}
    given.filter(pk__in=[pk for pair, pk in has.items() if pair not in wanted]).delete()
    given.bulk_create(
        [given.model(group_id=group, permission_id=pk) for group, pk in wanted - has.keys()],
        ignore_conflicts=True,
    )


def _may(role: str, codename: str) -> bool:
    codes = ROLES[role]
    if role == AUDITOR:
        return codename.startswith("view_")
    return codes is None or codename in codes
