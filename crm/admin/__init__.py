"""The kernel's part of the console. Apps add pages through `crm.admin.pages`."""

from crm.admin import (
    audit,
    customer,
    find,
    hours,
    interaction,
    merging,
    organisation,
    own_fields,
    pages,
    privacy,
    reports,
    subject,
    target,
    team,
    transfer,
    workspace,
)

__all__ = [
    "audit",
    "customer",
    "find",
    "hours",
    "interaction",
    "merging",
    "organisation",
    "own_fields",
    "pages",
    "privacy",
    "reports",
    "subject",
    "target",
    "team",
    "transfer",
    "workspace",
]
