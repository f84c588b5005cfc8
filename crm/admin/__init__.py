"""The kernel's part of the console. Apps add pages through `crm.admin.pages`."""

from crm.admin import customer, find, hours, interaction, pages, reports, subject, team, workspace

__all__ = [
    "customer",
    "find",
    "hours",
    "interaction",
    "pages",
    "reports",
    "subject",
    "team",
    "workspace",
]
