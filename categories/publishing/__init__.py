"""From the working copy to the public record: one file a verb, each one atomic function that refuses with its reasons.

Others ask for what `__all__` names, and for `loading` and `verify`; the other files are for this room alone.
"""

from .accounts import (
    change_account,
    deactivate,
    end_factors,
    end_factors_from_the_shell,
    end_sessions,
    make_account,
    may_vouch_for,
    newest_change,
    reactivate,
    reasons_not_to_change_account,
    reasons_not_to_deactivate,
    reasons_not_to_end_factors,
    reasons_not_to_end_sessions,
    reasons_not_to_make_account,
    reasons_not_to_reactivate,
    reasons_not_to_send_link,
    reasons_not_to_vouch,
    send_link,
    vouch,
    vouch_from_the_shell,
)
from .approve import approve, may_approve, possible_approvers, reasons_not_to_approve
from .drafts import Draft, Drafts, drafts_of
from .emergency import (
    publish_in_emergency,
    reasons_not_to_publish_in_emergency,
    reasons_not_to_review_afterwards,
    review_afterwards,
)
from .loaded import publish_loaded
from .plan import Plan, Step, changes_of, expected_time, plan_of, plan_to_reschedule, remembered_time
from .preview_links import (
    reasons_not_to_record_answer,
    reasons_not_to_revoke_preview,
    reasons_not_to_share_preview,
    record_answer,
    revoke_preview,
    share_preview,
)
from .put_back import change_permission, put_back, reasons_not_to_put_back
from .reasons import APPROVE, CHANGE_ACCOUNTS, SUBMIT, Person, Reason, Refused
from .recall import reasons_not_to_recall, recall
from .reject import reasons_not_to_reject, reject
from .reschedule import reasons_not_to_reschedule, reschedule
from .sent_back import sent_back
from .submit import already_submitted, reasons_for_unscheduling, reasons_not_to_submit, submit
from .timing import SOONEST, wait_until, whole_second
from .unschedule import reasons_not_to_unschedule, unschedule
from .working_copy import (
    WorkingCopy,
    content_with,
    newest_edition,
    pending_changes,
    seen_digest,
    waiting_already,
    working_content,
)

__all__ = [
    "APPROVE",
    "CHANGE_ACCOUNTS",
    "SOONEST",
    "SUBMIT",
    "Draft",
    "Drafts",
    "Person",
    "Plan",
    "Reason",
    "Refused",
    "Step",
    "WorkingCopy",
    "already_submitted",
    "approve",
    "change_account",
    "change_permission",
    "changes_of",
    "content_with",
    "deactivate",
    "drafts_of",
    "end_factors",
    "end_factors_from_the_shell",
    "end_sessions",
    "expected_time",
    "make_account",
    "may_approve",
    "may_vouch_for",
    "newest_change",
    "newest_edition",
    "pending_changes",
    "plan_of",
    "plan_to_reschedule",
    "possible_approvers",
    "publish_in_emergency",
    "publish_loaded",
    "put_back",
    "reactivate",
    "reasons_for_unscheduling",
    "reasons_not_to_approve",
    "reasons_not_to_change_account",
    "reasons_not_to_deactivate",
    "reasons_not_to_end_factors",
    "reasons_not_to_end_sessions",
    "reasons_not_to_make_account",
    "reasons_not_to_publish_in_emergency",
    "reasons_not_to_put_back",
    "reasons_not_to_reactivate",
    "reasons_not_to_recall",
    "reasons_not_to_record_answer",
    "reasons_not_to_reject",
    "reasons_not_to_reschedule",
    "reasons_not_to_review_afterwards",
    "reasons_not_to_revoke_preview",
    "reasons_not_to_send_link",
    "reasons_not_to_share_preview",
    "reasons_not_to_submit",
    "reasons_not_to_unschedule",
    "reasons_not_to_vouch",
    "recall",
    "record_answer",
    "reject",
    "remembered_time",
    "reschedule",
    "review_afterwards",
    "revoke_preview",
    "seen_digest",
    "send_link",
    "sent_back",
    "share_preview",
    "submit",
    "unschedule",
    "vouch",
    "vouch_from_the_shell",
    "wait_until",
    "waiting_already",
    "whole_second",
    "working_content",
]
