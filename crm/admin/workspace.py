"""The desk's addresses in the console."""

from django.utils.translation import gettext_lazy as _

from crm.admin.desk import actions, filing, page
from crm.admin.pages import register_page

MAY_SEE = "crm.view_interaction"


register_page("desk/", page.desk, "workspace", _("Desk"), "support_agent", MAY_SEE)
register_page("desk/snapshot/", page.snapshot, "workspace_snapshot", permission=MAY_SEE)
register_page("desk/count/", page.count, "workspace_count", permission=MAY_SEE)
register_page("desk/rows/", page.some_rows, "workspace_rows", permission=MAY_SEE)
register_page("desk/next/", actions.next_please, "workspace_next", permission=MAY_SEE)
register_page("desk/state/", actions.set_state, "workspace_state", permission=MAY_SEE)
register_page("desk/<int:pk>/", page.talk, "workspace_talk", permission=MAY_SEE)
register_page(
    "desk/<int:pk>/file/<int:message>/", filing.opened, "workspace_file", permission=MAY_SEE
)
register_page("desk/<int:pk>/part/<slug:what>/", page.part, "workspace_part", permission=MAY_SEE)
register_page(
    "desk/<int:pk>/supervise/<slug:verb>/",
    actions.supervise,
    "workspace_supervise",
    permission=MAY_SEE,
)
register_page("desk/<int:pk>/draft/", actions.keep_draft, "workspace_draft", permission=MAY_SEE)
register_page("desk/<int:pk>/<slug:verb>/", actions.act, "workspace_act", permission=MAY_SEE)
