"""The kernel's part of the console. Apps add pages through `crm.admin.pages`."""

from crm.admin import (
    audit,
    customer,
    find,
    hours,
    interaction,
    pages,
    privacy,
    reports,
    subject,
    team,
    workspace,
)

__all__ = [
    "audit",
    "audit",
    "customer",
    "find",
    "hours",
    "interaction",
    "pages",
    "privacy",
    "privacy",
    "reports",
    "subject",
    "team",
    "workspace",
]
