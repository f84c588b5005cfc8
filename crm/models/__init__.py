"""The kernel's nouns. Import from here: `from crm.models import Customer, Interaction`."""

from .about import Consent, Note, Tag
from .agent_pulse import ExchangePulse, WeekPulse
from .audit import AuditEntry, AuditValue
from .block import Block
from .bulk import BulkRow, BulkRun
from .complaint import Complaint, Recourse
from .customer import Customer, Identity
from .draft import Draft
from .hard_moment import HardMoment, HardSheet
from .hours import Closure, DatedOpening, Opening, Schedule
from .interaction import IllegalMove, Interaction, Status
from .journey import Visit, VisitStep
from .ledger import AgentState, WorkSegment
from .list_view import ListView
from .macro import Macro
from .merge import Merge, MergeSuggestion
from .message import Attachment, Message
from .next_step import NextStep
from .organisation import Organisation, OrganisationDomain
from .own_field import OwnField
from .participant import Participant
from .privacy import InteractionFact, LegalHold, PrivacyRequest, RetentionRule
from .pulse import Pulse
from .queue import Queue
from .regrouping import Regrouping
from .report import ReportSettings
from .report_view import ReportMail, ReportView
from .rights import CustomerGrant
from .rollup import ReportBlock, ReportMark, ReportWord
from .roster import PauseRequest, PlaceStep, Shift
from .search import MessageText, SearchMark
from .skill import Ability, Requirement, Skill
from .standing import HeldForCall, Standing, Unassigned
from .subject import Subject, SubjectMerge
from .target import DueTime, Target, TargetAlert
from .team import Agent, AgentSkill, Heartbeat, Plan, Team, User
from .template import ReplyTemplate, ReplyUse
from .together import Mention, Whisper
from .transfer import Export, Import, ImportRow
from .verification import Verification
from .wording import StopRule, ToneGuide

__all__ = [
    "Ability",
    "Agent",
    "AgentSkill",
    "AgentState",
    "Attachment",
    "AuditEntry",
    "AuditValue",
    "Block",
    "BulkRow",
    "BulkRun",
    "Closure",
    "Complaint",
    "Consent",
    "Customer",
    "CustomerGrant",
    "DatedOpening",
    "Draft",
    "DueTime",
    "ExchangePulse",
    "Export",
    "HardMoment",
    "HardSheet",
    "Heartbeat",
    "HeldForCall",
    "Identity",
    "Import",
    "ImportRow",
    "IllegalMove",
    "Interaction",
    "InteractionFact",
    "LegalHold",
    "PrivacyRequest",
    "RetentionRule",
    "ListView",
    "Macro",
    "Mention",
    "Merge",
    "MergeSuggestion",
    "Message",
    "MessageText",
    "NextStep",
    "Note",
    "Opening",
    "Organisation",
    "OrganisationDomain",
    "OwnField",
    "Participant",
    "PauseRequest",
    "PlaceStep",
    "Plan",
    "Pulse",
    "Queue",
    "Recourse",
    "Regrouping",
    "ReplyTemplate",
    "ReplyUse",
    "ReportBlock",
    "ReportMail",
    "ReportMark",
    "ReportSettings",
    "ReportView",
    "ReportWord",
    "Requirement",
    "Schedule",
    "SearchMark",
    "Shift",
    "Skill",
    "Standing",
    "Status",
    "StopRule",
    "Subject",
    "SubjectMerge",
    "Target",
    "TargetAlert",
    "Tag",
    "Team",
    "ToneGuide",
    "Unassigned",
    "User",
    "Verification",
    "Visit",
    "VisitStep",
    "WeekPulse",
    "Whisper",
    "WorkSegment",
]
