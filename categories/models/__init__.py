"""The working copy that staff edit, the submissions that freeze it, and the editions that the public reads.

Staff's rooms import from this package; what is public imports `edition` alone, never this package.
"""

from .account import AccountEvent
from .announcement import AnnouncementLine
from .category import ApprovalTest, Category
from .contribution import Aspect, Contribution, SubmissionContribution
from .edition import Edition, EditionChange
from .feedback import Feedback
from .former_address import FormerAddress
from .guidance import Guidance
from .open_form import OpenForm
from .outbox import Letter, Message
from .outside_link import OutsideLink
from .session import Session
from .sign_in import SignInEvent
from .submission import PreviewLink, Submission, SubmissionEvent
from .subscription import Follower, News, Subscription
from .terms import Availability, Cohort, ExamplesList, Level, Relationship, ShortForm, TLevel
from .tries import Tries
from .user import User

__all__ = [
    "AccountEvent",
    "AnnouncementLine",
    "ApprovalTest",
    "Aspect",
    "Availability",
    "Category",
    "Cohort",
    "Contribution",
    "Edition",
    "EditionChange",
    "ExamplesList",
    "Feedback",
    "Follower",
    "FormerAddress",
    "Guidance",
    "Letter",
    "Level",
    "Message",
    "News",
    "OpenForm",
    "OutsideLink",
    "PreviewLink",
    "Relationship",
    "Session",
    "ShortForm",
    "SignInEvent",
    "Submission",
    "SubmissionContribution",
    "SubmissionEvent",
    "Subscription",
    "TLevel",
    "Tries",
    "User",
]
