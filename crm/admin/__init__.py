"""The kernel's part of the console. Apps add pages through `crm.admin.pages`."""

from crm.admin import customer, hours, interaction, pages, reports, subject, team, workspace

__all__ = ["customer", "hours", "interaction", "pages", "reports", "subject", "team", "workspace"]
