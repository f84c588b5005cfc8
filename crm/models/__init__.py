"""The kernel's nouns. Import from here: `from crm.models import Customer, Interaction`."""

from .customer import Consent, Customer, Identity, Note, Organisation
from .hours import Closure, Opening, Schedule
from .interaction import IllegalMove, Interaction, Status
from .journey import Visit, VisitStep
from .ledger import AgentState, WorkSegment
from .message import Attachment, Message
from .participant import Participant
from .pulse import Pulse
from .rights import CustomerGrant
from .subject import Subject
from .team import Agent, AgentSkill, Heartbeat, Plan, Queue, Team, User

__all__ = [
    "Agent",
    "AgentSkill",
    "AgentState",
    "Attachment",
    "Closure",
    "Consent",
    "Customer",
    "CustomerGrant",
    "Heartbeat",
    "Identity",
    "IllegalMove",
    "Interaction",
    "Message",
    "Note",
    "Opening",
    "Organisation",
    "Participant",
    "Plan",
    "Pulse",
    "Queue",
    "Schedule",
    "Status",
    "Subject",
    "Team",
    "User",
    "Visit",
    "VisitStep",
    "WorkSegment",
]
