"""What answers state, fact by fact, and what is stated otherwise since release 1 on purpose: all of it stands here.

The order of statements on a page is not a fact of it; that a value stands under its label is.
"""

import json
import re
from calendar import month_name
from collections import Counter
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from categories.content.fields import SLUG_OF_TERM
from categories.content.vocabulary import ADDRESSED
from tests.upgrade.said import Answer


@dataclass(frozen=True)
class Meant:
    """Lines of the pages at some addresses that are others now. All but `why` are regular expressions."""

    why: str
    addresses: str
    lines: str
    now: str | Callable[[re.Match[str]], str] = ""

    def __call__(self, address: str, page: str) -> tuple[str, int]:
        """Return a page as it is said now, and how often it was said otherwise."""
        if not re.search(self.addresses, address):
            return page, 0
        return re.subn(self.lines, self.now, page, flags=re.MULTILINE)


HISTORY = "^history category "
# The list of categories, which is in brief now
LIST = r"^/(?:guidance|preview|admin/preview/[\w-]+)/[^/]+/(?:on/[\d-]+/)?(?:\?.*)?$"
NOT_HISTORY = "^(?!history )"
COMPARE = "/compare/"
ONE_ROW = "^history .* [0-9]+$"
SUBMISSION, CHANGES = "^submission ", "/changes/$"
_ACTION = "Added|Changed|Moved|Withdrawn|Restored|Removed"

SHORT_FORMS = {
    "KSBs": "knowledge, skills and behaviours",
    "HTQs": "Higher Technical Qualifications",
    "IfATE": "Institute for Apprenticeships and Technical Education",
}
_IN_FULL = {form: rf"{full} \({form}\)|^{form}\n{full}$" for form, full in SHORT_FORMS.items()}
SPELLED_OUT = " is spelled out"  # on a page, once or more; where it was not, it is more said and nothing else
# What categories named in their history bore another name for a time
NAMES = {
    "Adults (aged 19 and over)": "Adults",
    "Significant outcomes test": "Outcomes test",
    "The list of July": "Skills England's list of approved qualifications: approved level 2 and level 3 technical "
    "qualifications",
    "(Every Higher Technical Qualification)": "(Level 4 and 5 Higher Technical Qualifications)",
}

COMPARED_LISTS = "Applies to|Approval tests and powers|Availability|Cohorts|Levels|Other names"


def _both_sides(found: re.Match[str]) -> str:
    """Return a list that differs by the words of both sides, whether its items are joined in a sentence or not."""
    sides = (re.sub(rf"\[{gone}: .*?\]", " ", found[2]) for gone in ("inserted", "deleted"))
    told = (sorted(set(re.findall(r"[^\s•,.\[\]:]+", side)) - {"and", "deleted", "inserted"}) for side in sides)
    return f"{found[1]}\n{' '.join(next(told))} | {' '.join(next(told))}"


# Before and now: the same fact in two ways of saying it
ALIKE = [
    *(
        Meant("A short form is spelled out at the end of the page, no more inside it", "", rf"{full} \({form}\)", form)
        for form, full in SHORT_FORMS.items()
    ),
    *(
        Meant("A history calls what a record names as it was called then, not as it is now", HISTORY, *names)
        for names in ((re.escape(name), other) for name, other in NAMES.items())
    ),
    Meant("How many facts are the same follows from which are shown", COMPARE, r" and \d+ (?:is|are) the same\.$", "."),
    Meant("Likewise", COMPARE, r"^The same for all(?: \(\d+ facts?\))?\n"),
    Meant(
        "An edition is compared with the one that it follows",
        SUBMISSION,
        "which it was composed on",
        "which it follows",
    ),
    Meant(
        "What differs can be ticked where a submission waits", CHANGES, rf"^((?:\w+ )?\w+: .*)\n({_ACTION})$", r"\1 \2"
    ),
    Meant(
        "A list that differs is told item by item",
        r"/updates/|/changes/$|^submission |^history ",
        rf"^({COMPARED_LISTS})\n(.*)$",
        _both_sides,
    ),
]

_NOT_MENTIONED = r"(?:Not mentioned|\[(?:deleted|inserted): Not mentioned\])"
_EXCEPTION = "Approved for development by exception only"
_NO = r"(?:No|\[(?:deleted|inserted): No\])"

# Before: what release 1 said
OTHERWISE = [
    Meant(
        "A search takes whole words",
        "",
        "^In titles, aims, relationships, tests and other names$",
        "Every word, whole; put a phrase in “quotation marks”",
    ),
    Meant(
        "A page is cited by the moment since which it has read so, no more by a day that is not over",
        "/categories/",
        r"\nCite this page\nAs it stands now\n.*\nAs it stood at the end of .*\n.*"
        r"\nThe edition that you are reading\n.*\nWherever it moves\n.*\nIn words\n.*$",
    ),
    Meant("Blank is blank in one row of a history", f"{HISTORY}.* [0-9]+$", r"^Not mentioned$", "Nothing"),
    Meant("What guidance does not say of T Levels is left out", "", rf"^T Levels\n{_NOT_MENTIONED}\n"),
    Meant("Likewise where it began", "", r"^(T Levels)\n\[deleted: Not mentioned\](?=\[)", r"\1\n"),
    Meant("Likewise where it ended", "", r"^(T Levels)\n(\[.*\])\[inserted: Not mentioned\]$", r"\1\n\2"),
    Meant("That no exception is needed is left out", NOT_HISTORY, rf"^{_EXCEPTION}\n{_NO}\n"),
    Meant("Likewise where it began", NOT_HISTORY, rf"^({_EXCEPTION})\n\[deleted: No\](?=\[)", r"\1\n"),
    Meant("Likewise where it ended", NOT_HISTORY, rf"^({_EXCEPTION})\n(\[.*\])\[inserted: No\]$", r"\1\n\2"),
    Meant("Side by side it is not stated", COMPARE, r" (?:Not mentioned|No)$", " Not stated in this guidance"),
    Meant("The finder says so too", "/find/", r"^T Levels: not mentioned$", "T Levels: not stated in this guidance"),
    Meant(
        "The finder quotes guidance, whose words T Levels are in now",
        "/find/",
        r"that a T Level covers the occupational standard, and this category is for T Levels\.",
        "“Yes, a T Level covers it”, and this category says “This is the T Level category”.",
    ),
    Meant(
        "An availability and its month are one value",
        HISTORY,
        r"^(.*)\[(inserted|deleted): In scope\](.*)\n"
        r"In scope from: month\n\[\2: (\w+)\]\nIn scope from: year\n\[\2: (\d+)\]$",
        r"\1[\2: In scope from \4 \5]\3",
    ),
    Meant(
        "Likewise in one row",
        HISTORY,
        r"^In scope\nIn scope from: month\n(\w+)\nIn scope from: year\n(\d+)$",
        r"In scope from \1 \2",
    ),
    Meant("Likewise without a month", HISTORY, r"\nIn scope from: month\nNothing\nIn scope from: year\nNothing$"),
    Meant(
        "An availability that guidance does not state is none",
        HISTORY,
        r"^Availability\n\[inserted: Not stated in this guidance\]\n",
    ),
    Meant("Likewise where it ended", HISTORY, r"(?<=\])\[inserted: Not stated in this guidance\]$"),
    Meant("Likewise in one row", HISTORY, r"^(Availability)\nNot stated in this guidance$", r"\1\nNothing"),
    Meant("Other names are a line each", HISTORY, r"^(Other names)\n(\w+) and (\w+)$", r"\1\n\2\n\3"),
    Meant("Likewise", HISTORY, r"^(Other names)\n\[inserted: (\w+) and (\w+)\]$", r"\1\n[inserted: \2 \3]"),
    Meant("Preview links are listed, no more in a table", SUBMISSION, r"^For\nMade\nWorks until\nLink\n"),
    Meant(
        "Likewise one that works",
        SUBMISSION,
        r"^(.+)\n(by .+)\n(.+)\n(?=http)",
        r"For \1, made \2. Works until \3\n",
    ),
    Meant(
        "Likewise one that was revoked",
        SUBMISSION,
        r"^(.+)\n(by .+)\n(Revoked at .+)\nDoes not work any more$",
        r"For \1, made \2. \3",
    ),
    Meant(
        "Likewise one whose time is over",
        SUBMISSION,
        r"^(.+)\n(by .+)\n(.+)\nDoes not work any more$",
        r"For \1, made \2. Worked until \3",
    ),
    Meant(
        "What is scheduled holds nothing up", SUBMISSION, r"^Edition \d+ is scheduled for .*; unschedule it first, .*\n"
    ),
    Meant(
        "The edition that a correction is of is given by its number",
        CHANGES,
        r"^Does it correct an edition\?\n(.*\n)Nothing: it is not a correction\n(?:Edition \d+\n)+",
        r"Number of the edition that it corrects\nLeave empty if it is not a correction. \1",
    ),
    Meant("A fix can be submitted beside it", CHANGES, r"^You cannot submit this now:\nSubmission \d+ by .* waits .*$"),
]

OTHERWISE += [
    Meant("The list says how a category relates in its own words alone", LIST, r"^(Relationship to .*)\n.*$", r"\1"),
    Meant("Ways on stand in the navigation alone", LIST, r"^Find the category that fits .*\nCompare categories\n"),
    Meant("All updates are led to after what else is known", LIST, r"^(.*)(?:^| )See all updates$", r"\1"),
    Meant("A spreadsheet is called so", LIST, r"^Get this list as CSV$", "Get this list as a spreadsheet (CSV)"),
    Meant("JSON is called data", LIST, r"^Get this list as JSON$", "Get this list as data (JSON)"),
    Meant("It is led to in fewer words", LIST, r"^See the guidance as (it stood on any day)$", r"See it as \1"),
    Meant("Filters are named as on paper", LIST, r"^Selected filters$", "Filtered by"),
    Meant("That facts differ is told once", COMPARE, r" Differs$"),
    Meant("What can be removed is no part of a heading", COMPARE, r"^(.*) Remove \1$", r"\1"),
]

SLUGS_OF_TERMS = [
    "16-to-19", "adults", "career-changers",
    "occupational-entry", "higher-technical-qualifications", "additional-specialist", "level-6",
]  # fmt: skip
OTHERWISE += [
    Meant(
        "A slug is an address only of what has a page",
        "/updates/|/changes/|submission",
        rf"^Address\n(?=(?:{'|'.join(SLUGS_OF_TERMS)})$)",
        f"{SLUG_OF_TERM}\n",
    ),
]

# What is said of a category on its page and in the whole guidance, and no more in the list
_ELSEWHERE = r"^(?:Examples list|T Levels|Other names|Example)\n.*(?:\n|\Z)"
ALIKE += [
    Meant("A list in brief leaves it out, unless it was searched for", LIST, _ELSEWHERE),
    Meant("The finder asks who learners are first", "/find/", r"\A(?:.*\n)*?(?:W|How|Does)[^\n]*\?$[\s\S]*"),
    Meant("Which answer was the last depends on their order", "/find/", r"^Your answer “.*” \(.*\) ruled out .*$"),
]

_SPELLED_OUT = [rf"\n{form}\n{full}" for form, full in SHORT_FORMS.items()]

# Now: what release 1 did not say
BESIDES = [
    Meant("A saved state can be restored", ONE_ROW, r"\n?^Restore it\n[\s\S]*\Z"),
    Meant(
        "Records of a submission have an index",
        SUBMISSION,
        rf"^((?:Compared with|It is the first) .*)\n(?:.*\n)*?(?=.* (?:{_ACTION})$)",
        r"\1\n",
    ),
    Meant("Each can be commented on", SUBMISSION, r"^Comment on “.*”\nAbout\nThe whole record\n(?:.*\n)*?Comment\n"),
    Meant("So can the whole", SUBMISSION, r"^Comments on the whole\nComment on the whole submission\nComment\n"),
    Meant("Whoever approves can say more", SUBMISSION, r"^Note to the writer\nOnly staff see it\. .*\n"),
    Meant("Actions are led to", SUBMISSION, r"^The records .*Comment\n"),
    Meant("Breaks that differ are named", "", r"(?<=: )[¶↵]\w+ break |[¶↵]\w+ break"),
    Meant("A page that is not found names the nearest former address", "/level-6-degree/", r"^T Level <tech.*\n?"),
    Meant("The log is by day", "/updates/", r"^\d{1,2} [A-Z][a-z]+ \d{4}\n"),
    Meant("The log names what it tells of", "/updates/", rf"^(\d+ [A-Za-z ]+ (?:{_ACTION.lower()})): .*$", r"\1"),
    Meant("What has changed since a day can be asked for", "/updates/", r"^What has .* a day\?\n(?:.*\n){4}"),
    Meant("Likewise, the button", "/updates/", r"^See what has changed\n"),
    Meant("Likewise of one category", "/updates/", r"^See what has changed since a day\n"),
    Meant("What is withdrawn has a tag", "", r"^Withdrawn\n(?=This .* withdrawn)"),
    Meant(
        "Months that came are told",
        "/updates/",
        r"^\w+ \d{4} has come\nFrom this day .*\n(?:.*: .* from \w+ \d{4}\n)+",
    ),
    Meant("What came and went says so", r"\?from=", r" Added, then withdrawn$", " Added"),
    Meant("Where no word is found, what is not looked for", r"\?q=", r"^The categories are not by occupation .*\n"),
    Meant(
        "Every page can be cited",
        NOT_HISTORY,
        r"\nCite this page\nExactly what you see\n.*\nIt has read so since\n.*\nAs it stands now\n.*"
        r"(?:\nWherever it moves\n.*)?\nIn words\n.*$",
    ),
    Meant(
        "Short forms are spelled out at the end of each page",
        NOT_HISTORY,
        rf"\nShort forms on this page(?:{'|'.join(_SPELLED_OUT)})+$",
    ),
    Meant("The head of the record is signed", r"/updates/(?:\?|$)", r"^Keep the head, signed: .*\n"),
    Meant(
        "What holds for all of the guidance is at the end of each page",
        "",
        r"\n?^About this guidance\n[\s\S]*?(?=\nShort forms on this page\n|\Z)",
    ),
    Meant("Its status is at the top of each", NOT_HISTORY, r"^Under review About this guidance\n?"),
    Meant(
        "Where there is no room a notice is folded",
        LIST,
        r"^(?:(?:Under review|Notice): what this means|Under review(?=\nUnder review$))\n",
    ),
    Meant("A minor update has its day too", LIST, r"^Last changed\n.*\n"),
    Meant("All updates are led to after what else is known", LIST, r"^Changes\nSee all updates\n"),
    Meant("The list leads to a table and to the whole", LIST, r"^See them in a table\nRead or print all of it .*\n"),
    Meant("So does a category", "/categories/", r"^Read it in the whole guidance\n"),
    Meant("What changes comes by e-mail", f"{LIST}|/categories/", r"^Get e-mail when this (?:list|category) changes\n"),
    Meant("Likewise from the log", "/updates/", r"get e-mail when something changes, see what was corrected and what is announced, "),
    Meant("What can be removed is no part of a heading", COMPARE, r"^Compare without it\n(?:Remove .*\n?)+"),
    Meant("The finder says why an answer is allowed", "/find/", r", which allows for your answer “.*”$"),
    Meant("Updates count what changed of every kind", "/updates/$", r"^1 (?:examples list|cohort) changed\n"),
    Meant(
        "Records have fields that release 1 had not, all blank",
        ONE_ROW,
        r"^(?:Approval in words|Availability in words|In words|Introduction|Caution|Contact: .*|Related links)\n"
        r"Nothing\n",
    ),
    Meant("A history calls a slug what it is for", "^history ", r"^In addresses$", "Slug"),
    Meant("It says what a note is", "^history ", r"^Internal note: "),
    Meant("So does a log", SUBMISSION, r"^(?:Reason|Internal note|Note to the writer|What was found|Answer|Comment): "),
    Meant(
        "A form says what it asks the reason of",
        SUBMISSION,
        r"^(?:Why (?:do you \w+ it|can it not wait .*)|What did you find)\?\nOnly staff see it\. It stays on record\.$",
        "Reason",
    ),
    Meant(
        "An edition that was taken off was never live",
        SUBMISSION,
        r", which was to go live at ([^,\n]+?)(?:, until it was taken off at [^,\n]+)?$",
        r", live from \1",
    ),
    Meant("Nor is it the one of its number", SUBMISSION, r"^The edition \d+ that there is now is another one, .*\n"),
    Meant("The log tells editions of one number apart", SUBMISSION, r" with the digest \w{8}…"),
    Meant("Likewise since when one is taken off", SUBMISSION, r"(?: edition \d+)?, taken off at [^,\n]+$"),
    Meant(
        "A scheduled edition can be rescheduled",
        SUBMISSION,
        r"^Reschedule\nThe edition is made again .*\nNew day and time, London\nFrom .*\nReason\n",
    ),
    Meant(
        "What is scheduled holds nothing up",
        SUBMISSION,
        r"^What you have read above goes live, byte for byte\.\nWhen does it go live\?\n.*\n.*\n.*\nFrom .* ahead\.\n",
    ),
    Meant("Submissions can be made again", "/submission/$", r"^(?:Replaced|Made again on top .*)\n"),
    Meant("What waits is not ticked again", CHANGES, r" What it carries is not ticked below\."),
    Meant(
        "What came back is filled in as it was", CHANGES, r"^Submission \d+ was recalled by .*:\n.*\nWhat you tick .*\n"
    ),
    Meant(
        "A fix can be submitted beside what waits", CHANGES, r"^The newest edition, with the ticked (?:.*\n)*After it$"
    ),
]

# What a value on a page stands under
LABELS = [
    SLUG_OF_TERM,
    "Address", "Applies to", "Approval tests and powers", "Approved by exception",
    "Approved for development by exception only", "Availability", "Change note", "Cohorts", "Core aim", "Example",
    "Examples list", "Last changed", "Last updated", "Levels", "Name", "Of its record", "Of the record before it",
    "Of what it says", "Other names", "Published", "Relationship in words", "Relationship to occupational standards",
    "Slug", "Submitted", "T Levels", "Title", "Web address", "What it covers", "What it means",
    "Why it is withdrawn", "Withdrawn because",
]  # fmt: skip

# Answered with another status
FORMER = ["proposed-changes", "categories-from-2027"]  # the two addresses of one guidance
_NAMES_A_DELETED_COHORT = "history category b783b050-5a3b-4c68-967a-1b2bf5270e0b"
MENDED = {_NAMES_A_DELETED_COHORT, f"{_NAMES_A_DELETED_COHORT} 159"}  # release 1 answered 500

NEW_PAGES = "/(?:table|in-full|check|privacy)/</loc>"  # in the sitemap; release 1 had them not

Facts = Counter[str]
Row = dict[str, str]  # of CSV: values by columns
Body = dict[str, Any]  # of JSON, or a part of it


def facts_before(address: str, answer: Answer, met: Counter[Meant]) -> Facts:
    """Return what an answer of release 1 states, as it is to be stated now; count in `met` what was not."""
    return _facts(answer, partial(_page, address, [*OTHERWISE, *ALIKE], met), rows_of_release_1, json_of_release_1)


def facts_now(address: str, answer: Answer, met: Counter[Meant]) -> Facts:
    """Return what an answer of today states, but for what release 1 did not say."""
    if address == "/sitemap.xml":
        answer = [*answer[:3], [one for one in answer[3] if not re.search(NEW_PAGES, one)]]
    return _facts(answer, partial(_page, address, [*BESIDES, *ALIKE], met), rows_of_today, json_of_today)


def _facts(
    answer: Answer,
    page: Callable[[list[str]], Iterator[str]],
    columns: Callable[[Row], Row],
    body: Callable[[Body], Body],
) -> Facts:
    status, location, kind, statements = answer
    told = " ".join(filter(None, [str(status), kind, location]))
    match kind:
        case "html":
            found = page(statements)
        case "atom" if status == 200:
            entries = enumerate(_without_months(statements))
            found = (f"{place} {json.dumps(one, ensure_ascii=False)}" for place, one in entries)
        case "csv" if status == 200:
            found = _table(statements, columns)
        case "json":
            found = flat(body(statements[0]))
        case _:  # in their order
            found = (f"{place} {json.dumps(one, ensure_ascii=False)}" for place, one in enumerate(statements))
    return Counter([told, *found])


def _without_months(statements: list[list[str]]) -> list[list[str]]:
    """Return a feed without the entries of months that came, which release 1 did not tell."""
    feed, *entries = statements
    kept = [entry for entry in entries if not re.match(r"\w+ \d{4} has come\.", entry[2])]
    newest = kept[0][1] if kept and kept != entries else feed[1]
    return [[feed[0], newest, feed[2]], *kept]


def _page(address: str, meant: list[Meant], met: Counter[Meant], statements: list[str]) -> Iterator[str]:
    text = "\n".join(statements)
    if not re.search(f"{LIST}|/find/", address):  # in brief, it uses fewer; the finder asks in another order
        yield from (f"{form}{SPELLED_OUT}" for form in SHORT_FORMS if re.search(_IN_FULL[form], text, re.MULTILINE))
    for one in meant:
        text, times = one(address, text)
        met[one] += times
    labels = "|".join(map(re.escape, LABELS))
    labelled = re.sub(rf"^({labels})\n(?!(?:{labels})$)", r"\1: ", text, flags=re.MULTILINE)
    yield from filter(None, labelled.split("\n"))


def _table(statements: list[list[str]], columns: Callable[[Row], Row]) -> Iterator[str]:
    heading, *values = statements
    for place, row in enumerate(values, start=1):
        for column, value in columns(dict(zip(heading, row, strict=True))).items():
            yield f"row {place}, {column}: {value}"


def rows_of_release_1(row: Row) -> Row:
    """Return a row of the CSV of release 1 by the columns of today that had a value then."""
    words = re.fullmatch(r"(.+?)(?: from (\w+ \d+)( \(not yet\))?)?", row["Availability"])
    assert words
    state, month, is_to_come = words.groups(default="")
    blank = {"Approved for development by exception only": "No", "T Levels": "Not mentioned"}
    return (
        row
        | {column: "" for column, word in blank.items() if row[column] == word}
        | {"Availability": f"{state} later" if is_to_come else state}
        | {"Availability from": "" if is_to_come else month}
        | {"Next availability": state if is_to_come else "", "Next availability from": month if is_to_come else ""}
        | {"Approval in words": "", "Availability in words": ""}
    )


def rows_of_today(row: Row) -> Row:
    """Return a row of the CSV of today with its months in words."""
    months = {column: _month(row[column]) for column in ("Availability from", "Next availability from")}
    return row | months


def _month(month: str) -> str:
    year, _, number = month.partition("-")
    return f"{month_name[int(number)]} {year}" if month else ""


# Of the content of a guidance, by what it has in schema 2 alone. `tests/content/test_upgrades.py` says what is in it
VOCABULARY = {"short_forms", "relationships", "t_levels", "availabilities"}
BLANK_GUIDANCE = {"caution": "", "introduction": "", "contact": None, "links": []}
# Fields that name records: by ids now, so only their words are compared
NAMING = {"levels", "cohorts", "relationship", "t_level", "availability", "approval_tests", "examples_list"}
UNSAID = {("by_exception", "No"), ("t_level", "Not mentioned")}


def json_of_release_1(body: Body) -> Body:
    """Return a body of release 1 as it is said in schema 2."""
    if "changes" in body:
        return body | {"changes": [_change(change, UNSAID) for change in body["changes"]]}
    found = dict(body)
    if "categories" in body:
        found["categories"] = [_category(one) | _next(one, body["on"]) for one in body["categories"]]
    if "category" in body:
        found["category"] = _category(body["category"]) | _next(body["category"], body["on"])
    if "content" in body:
        found["content"] = _content(body["content"])
    return found


def _content(data: Body) -> Body:
    assert data["schema"] == 1
    return (
        data
        | {"schema": 2, "levels": [{"number": number} for number in data["levels"]]}
        | {"categories": [_category(one) for one in data["categories"]]}
        | {"examples_lists": [one | {"text": ""} for one in data["examples_lists"]]}
        | BLANK_GUIDANCE
    )


def _category(data: Body) -> Body:
    state, month = data["availability"]["status"], data["availability"]["from"]
    return data | {
        "t_level": None if data["t_level"] == "not-mentioned" else data["t_level"],
        "availability": [] if state == "not-stated" else [{"state": state, "from": month}],
        "approval_text": "",
        "availability_text": "",
    }


def _next(data: Body, on: str) -> Body:
    """What is to come of the availability of a category after a day."""
    state, month = data["availability"]["status"], data["availability"]["from"]
    return {"availability_next": {"state": state, "from": month} if month and month > on[:7] else None}


def json_of_today(body: Body) -> Body:
    """Return a body of today without the ids, the records and the signed head that release 1 had not."""
    body = {name: value for name, value in body.items() if name not in ("head_note", "head_url")}
    if "changes" in body:
        return body | {"changes": [_change(change) for change in body["changes"]]}
    if "content" not in body:
        return body
    content = {name: value for name, value in body["content"].items() if name not in VOCABULARY}
    for name in ("levels", "cohorts", "examples_lists"):
        content[name] = [{key: value for key, value in one.items() if key != "id"} for one in content[name]]
    return body | {"content": content}


def _change(change: Body, unsaid: Container[tuple[str, str]] = ()) -> Body:
    """Return a change by its words: no values that name records, no field that says nothing before and after."""
    fields = {}
    for field in change["fields"]:
        if field["field"] == "slug" and change["kind"] not in ADDRESSED:
            field = field | {"label": SLUG_OF_TERM}
        words = {
            when: "" if (field["field"], field[when]) in unsaid else field[when]
            for when in ("before_words", "after_words")
        }
        if any(words.values()):
            of_records = {"before", "after"} if field["field"] in NAMING else set()
            of_records |= {"before_items", "after_items"}  # the same words, one by one: release 1 had them not
            fields[field["label"]] = {k: v for k, v in (field | words).items() if k not in of_records}
    return change | {"fields": fields}


def flat(value: Any, path: str = "") -> Iterator[str]:
    """Yield each value of JSON by its path: 'categories[0].title: "…"'."""
    if isinstance(value, dict) and value:
        for name in sorted(value):
            yield from flat(value[name], f"{path}.{name}".lstrip("."))
    elif isinstance(value, list) and value:
        for place, one in enumerate(value):
            yield from flat(one, f"{path}[{place}]")
    else:
        yield f"{path}: {json.dumps(value, ensure_ascii=False)}"


def goes_on(address: str, was: Answer, now: Answer, answers: dict[str, Answer]) -> bool:
    """Say whether a status is another one as meant. A former address goes on, to what is not found there either."""
    if address in MENDED:
        return (was[0], now[0]) == (500, 200)
    there = {address.replace(f"/{one}/", f"/{other}/") for one, other in (FORMER, FORMER[::-1])} - {address}
    return (was[0], now[0]) == (404, 301) and now[1] in there and answers.get(now[1], was)[0] == 404
