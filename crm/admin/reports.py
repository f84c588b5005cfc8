"""The report pages' place in the console."""

from django.utils.translation import gettext_lazy as _

from crm.admin.pages import register_page
from crm.reports import views

MAY_SEE = "crm.view_reports"

register_page(
    "reports/", views.overview_page, "reports", _("Overview"), "bar_chart", MAY_SEE, "reports",
    on_paper=True,
)  # fmt: skip
register_page(
    "reports/monday/",
    views.monday_page,
    "report_monday",
    _("Monday page"),
    "coffee",
    MAY_SEE,
    "reports",
    on_paper=True,
)
register_page(
    "reports/intraday/",
    views.intraday_page,
    "report_intraday",
    _("Intraday"),
    "schedule",
    MAY_SEE,
    "reports",
    on_paper=True,
)
register_page(
    "reports/channels/", views.channels_page, "report_channels", _("Channels"), "call_split",
    MAY_SEE, "reports", on_paper=True,
)  # fmt: skip
register_page(
    "reports/by/", views.table_page, "report_by", _("Comparison"), "table_chart", MAY_SEE,
    "reports", on_paper=True,
)  # fmt: skip
register_page(
    "reports/satisfaction/",
    views.satisfaction_page,
    "report_satisfaction",
    _("Satisfaction"),
    "sentiment_satisfied",
    MAY_SEE,
    "reports",
    on_paper=True,
)
register_page(
    "reports/journeys/", views.journeys_page, "report_journeys", _("Journeys"), "route", MAY_SEE,
    "reports", on_paper=True,
)  # fmt: skip
register_page("reports/exchanges/", views.exchanges_page, "report_exchanges", permission=MAY_SEE)
register_page("reports/plots/<slug:name>.csv", views.plot_csv, "report_csv", permission=MAY_SEE)
register_page(
    "reports/definitions/",
    views.definitions_page,
    "report_definitions",
    _("Definitions"),
    "menu_book",
    MAY_SEE,
    "reports",
)
register_page(
    "reports/definitions/<slug:name>/", views.definition_page, "report_definition",
    permission=MAY_SEE,
)  # fmt: skip
