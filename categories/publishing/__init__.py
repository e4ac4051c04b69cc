"""From the working copy to the public record: one file a verb, each one atomic function that refuses with its reasons.

Others ask for what `__all__` names, and for `loading` and `verify`; the other files are for this room alone.
"""

from .accounts import (
    change_account,
    deactivate,
    make_account,
    may_vouch_for,
    newest_change,
    reactivate,
    reasons_not_to_change_account,
    reasons_not_to_deactivate,
    reasons_not_to_make_account,
    reasons_not_to_reactivate,
    reasons_not_to_send_link,
    reasons_not_to_vouch,
    send_link,
    vouch,
    vouch_from_the_shell,
)
from .approve import approve, may_approve, possible_approvers, reasons_not_to_approve
from .emergency import (
    publish_in_emergency,
    reasons_not_to_publish_in_emergency,
    reasons_not_to_review_afterwards,
    review_afterwards,
)
from .loaded import publish_loaded
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
from .submit import reasons_not_to_submit, submit
from .unschedule import reasons_not_to_unschedule, unschedule
from .working_copy import newest_edition, pending_changes, seen_digest, working_content

__all__ = [
    "APPROVE",
    "CHANGE_ACCOUNTS",
    "SUBMIT",
    "Person",
    "Reason",
    "Refused",
    "approve",
    "change_account",
    "change_permission",
    "deactivate",
    "make_account",
    "may_approve",
    "may_vouch_for",
    "newest_change",
    "newest_edition",
    "pending_changes",
    "possible_approvers",
    "publish_in_emergency",
    "publish_loaded",
    "put_back",
    "reactivate",
    "reasons_not_to_approve",
    "reasons_not_to_change_account",
    "reasons_not_to_deactivate",
    "reasons_not_to_make_account",
    "reasons_not_to_publish_in_emergency",
    "reasons_not_to_put_back",
    "reasons_not_to_reactivate",
    "reasons_not_to_recall",
    "reasons_not_to_record_answer",
    "reasons_not_to_reject",
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
    "review_afterwards",
    "revoke_preview",
    "seen_digest",
    "send_link",
    "share_preview",
    "submit",
    "unschedule",
    "vouch",
    "vouch_from_the_shell",
    "working_content",
]
