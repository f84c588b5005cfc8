"""The verbs of the one customer record: recognise, add what identifies, suggest, merge, undo.

Import the package, not its files: `from crm.services import customers`."""

from .identities import (
    TOLD,
    BadIdentity,
    IdentityTaken,
    add_identity,
    attach_visit,
    forget_identity,
    mail_address,
    normalise,
    phone_beginning,
    phone_number,
)
from .merge_fields import GONE, KEPT, BadChoice
from .merging import Comparison, NotMergeable, collect_strays, compare, current, merge
from .organisations import join_by_domain
from .recognising import (
    Claim,
    find,
    identify,
    known_as,
    of_account,
    recognise,
    split_name,
    told_identity,
)
from .suggestions import dismiss, open_suggestions, suggest
from .tags import set_tags
from .undoing import NotUndoable, Plan, plan, undo

__all__ = [
    "GONE",
    "KEPT",
    "TOLD",
    "BadChoice",
    "BadIdentity",
    "Claim",
    "Comparison",
    "IdentityTaken",
    "NotMergeable",
    "NotUndoable",
    "Plan",
    "add_identity",
    "attach_visit",
    "collect_strays",
    "compare",
    "current",
    "dismiss",
    "find",
    "forget_identity",
    "identify",
    "join_by_domain",
    "known_as",
    "mail_address",
    "merge",
    "normalise",
    "phone_beginning",
    "of_account",
    "open_suggestions",
    "phone_number",
    "plan",
    "recognise",
    "set_tags",
    "split_name",
    "suggest",
    "told_identity",
    "undo",
]
