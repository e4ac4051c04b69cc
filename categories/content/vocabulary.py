"""The words of the guidance, each with the name that readers see. Values are the ones of the content format."""

from django.db.models import TextChoices


class Relationship(TextChoices):
    """How a category relates to occupational standards."""

    ALIGNS = "aligns", "Aligns to an occupational standard"
    ALIGNS_T_LEVEL_OUTLINE = "aligns-t-level-outline", "Aligns to T Level outline content"
    BUILDS_ON = "builds-on", "Builds on an occupational standard"
    ACROSS_STANDARDS = "across-standards", "Takes KSBs from different occupational standards"
    SOME_KSBS = "some-ksbs", "Covers some KSBs of an occupational standard or standards"
    NONE = "none", "No relationship to an occupational standard"


class TLevel(TextChoices):
    """What the guidance says of T Levels for a category."""

    NOT_MENTIONED = "not-mentioned", "Not mentioned"
    NOT_COVERED = "not-covered", "The occupational standard is not covered by T Levels"
    MAY_BE_COVERED = "may-be-covered", "The occupational standard may be covered by a T Level"
    IS_T_LEVEL = "is-t-level", "This is the T Level category"


class AvailabilityStatus(TextChoices):
    """What the guidance states of availability. A month still to come is derived for a date, never stored."""

    IN_SCOPE = "in-scope", "In scope"
    NOT_YET_AVAILABLE = "not-yet-available", "Not yet available"
    NOT_STATED = "not-stated", "Not stated in this guidance"


class TestKind(TextChoices):
    """An approval test, or a statutory power."""

    __test__ = False  # its name makes pytest look for tests in it

    TEST = "test", "Test"
    POWER = "power", "Power"


class UpdateType(TextChoices):
    """GOV.UK's two kinds of update. Both are public; a minor one sends no alert."""

    MAJOR = "major", "Major"
    MINOR = "minor", "Minor"


class RecordKind(TextChoices):
    """The kinds of record that guidance is made of."""

    GUIDANCE = "guidance", "Guidance"
    LEVEL = "level", "Level"
    COHORT = "cohort", "Cohort"
    CATEGORY = "category", "Category"
    APPROVAL_TEST = "approval-test", "Approval test"
    EXAMPLES_LIST = "examples-list", "Examples list"


class Action(TextChoices):
    """What one edition did to a record."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    REMOVED = "removed"


IN_SCOPE_LATER = "in-scope-later"
NOT_STATED = "not-stated"
NOT_SURE = "not-sure"
NOT_STATED_WORDS = "Not stated in this guidance"


ADDRESSED = (RecordKind.GUIDANCE, RecordKind.CATEGORY, RecordKind.APPROVAL_TEST)  # what has an address of its own
