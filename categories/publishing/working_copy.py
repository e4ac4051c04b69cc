"""The working copy, beside the newest edition."""

from ..content import diff, rules
from ..content.canonical import canonical, digest, parse
from ..content.schema import Content
from ..models import Edition, Guidance
from .reasons import Refused
from .snapshot import working_data

UNSEEN = "Somebody has changed the guidance since you opened this page. Look at the changes again."


def newest_edition(guidance: Guidance) -> Edition | None:
    """Return the newest edition, live or scheduled: the one that the next is composed on."""
    return guidance.editions.newest()


def working_content(guidance: Guidance) -> Content:
    """Return the working copy as content, drafts included. Raises Refused when it cannot even be read as content."""
    data = working_data(guidance)
    try:
        content = parse(canonical(data))
        _ = content.entries  # where every reference is followed
    except (KeyError, ValueError) as error:
        raise Refused(rules.faults(data)) from error
    return content


def seen_digest(guidance: Guidance) -> str:
    """Return the digest of all that a page of changes shows: the working copy, and the edition that it is beside."""
    newest = newest_edition(guidance)
    return digest(canonical({"edition": newest and newest.record_digest, "working": working_data(guidance)}))


def pending_changes(guidance: Guidance) -> list[diff.Change]:
    """List what differs between the working copy and the newest edition."""
    newest = newest_edition(guidance)
    return diff.changes(newest.content if newest else None, working_content(guidance))
