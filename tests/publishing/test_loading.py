"""Loading and exporting guidance: what one site publishes another can load, and nothing is ever half loaded."""

import json
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zipfile import ZipFile, is_zipfile

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import given, settings

from categories import publishing
from categories.content.canonical import as_json, dump
from categories.content.entries import LIST_OF_KIND
from categories.content.schema import Content
from categories.models import Category, Edition, Guidance
from categories.models.guidance import Ordered
from categories.models.kinds import MODELS
from categories.publishing import loading
from tests import addresses, strategies
from tests.conftest import FIXTURE
from tests.factories import (
    london,
    make_approval_test,
    make_availability,
    make_category,
    make_cohort,
    make_examples_list,
    make_guidance,
    make_level,
    make_relationship,
    make_short_form,
    make_t_level,
    make_user,
)
from tests.schema_1 import written

pytestmark = pytest.mark.django_db

TRACKED = list(MODELS.values())
ENTRY = "level-2-occupational-entry-16-to-19-and-adults"


def load(file: Any = FIXTURE, **options: Any) -> str:
    out = StringIO()
    call_command("load_guidance", str(file), stdout=out, **options)
    return out.getvalue()


def export(**options: Any) -> str:
    out = StringIO()
    call_command("export_guidance", stdout=out, **options)
    return out.getvalue()


def refused(file: Any = FIXTURE, **options: Any) -> str:
    """What the command says when it refuses; it must have changed nothing."""
    before = state()
    with pytest.raises(CommandError) as error:
        load(file, **options)
    assert state() == before
    return str(error.value)


def state() -> list[Any]:
    """Every row of the working copy, of its history and of the record."""
    rows = [list(model.objects.order_by("pk").values()) for model in TRACKED]
    return [*rows, *(list(model.history.values_list("pk")) for model in TRACKED), list(Edition.objects.values())]


@pytest.fixture
def data() -> dict[str, Any]:
    return json.loads(FIXTURE.read_text(encoding="utf-8"))


@pytest.fixture
def file(tmp_path):
    """Write something to a file, and return its path."""

    def write(data: Any, name: str = "guidance.json") -> Path:
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


# Loading


def test_the_fixture_loads_as_edition_1(fixture_content):
    said = load()
    edition = Edition.objects.get()
    assert edition.content == fixture_content
    assert edition.number == 1
    assert "Edition 1 of “Technical qualification categories: core aim and relationship" in said


def test_a_second_load_changes_nothing():
    load()
    before = state()
    assert load() == "Nothing to change: the working copy says this already.\n"
    assert state() == before


@pytest.mark.parametrize("count", [1, 2, 12])
def test_every_record_leaves_a_gap_before_it(count, file, data):
    load(file(data | {"categories": data["categories"][:count]}))
    for model in (model for model in TRACKED if issubclass(model, Ordered)):
        assert all(record.position >= 1000 for record in model.objects.all()), model


def test_the_history_names_the_file_and_the_person(file, data):
    editor = make_user("editor", "Editor")
    load(file(data, "from-ifate.json"), by="editor")
    for model in TRACKED:
        rows = model.history.all()
        assert {(row.history_user, row.history_change_reason) for row in rows} == {
            (editor, "Imported from from-ifate.json")
        }
    assert len({row.save_id for model in TRACKED for row in model.history.all()}) == 1


def test_nobody_is_recorded_unless_named(monkeypatch):
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(FIXTURE.read_bytes())))
    load("-")
    row = Guidance.history.get()
    assert (row.history_user, row.history_change_reason) == (None, "Imported from standard input")


def test_an_unknown_person_is_refused():
    assert refused(by="nobody") == "There is no user “nobody”."


def test_with_editions_only_the_working_copy_changes(file, data):
    load()
    before = list(Edition.objects.values())
    data["categories"][0]["aim"] = "Another aim."
    said = load(file(data))
    assert "Added 0 and changed 1 records." in said
    assert "Readers see it once it is submitted and approved." in said
    assert list(Edition.objects.values()) == before
    assert Category.objects.get(slug=ENTRY).aim == "Another aim."
    [change] = publishing.pending_changes(Guidance.objects.get())
    assert change.slug == ENTRY


def test_what_the_file_leaves_out_is_kept_and_said():
    load()
    make_category(Guidance.objects.get(), "a-draft", title="A draft of our own")
    assert "Kept, though it is not in the file: “A draft of our own”\n" in load()
    assert Category.objects.filter(slug="a-draft").exists()


def test_the_order_of_the_file_is_the_order_of_the_working_copy(file, data):
    load()
    data["categories"].reverse()
    load(file(data))
    assert [one.slug for one in Category.objects.all()] == [one["slug"] for one in data["categories"]]


# What nobody has approved


def of_other_guidance(data: dict[str, Any]) -> dict[str, Any]:
    """The same guidance again, as other guidance: each record with an id of its own."""
    text = json.dumps(data)
    for one in (data, *(one for name in LIST_OF_KIND.values() for one in data[name])):
        text = text.replace(one["id"], str(uuid5(UUID(int=0), one["id"])))
    return json.loads(text) | {"slug": "other", "title": "Other guidance"}


def drafts(guidance: Guidance) -> list[Any]:
    """A draft of every kind that other guidance could be thought to share."""
    return [
        make_cohort(guidance, "secret-cohort", "Secret cohort"),
        make_level(guidance, 7),
        make_short_form(guidance, "SECRET"),
        make_relationship(guidance, "secret-relationship", "Secret relationship"),
        make_t_level(guidance, "secret-position", "Secret position"),
        make_availability(guidance, "secret-state", "Secret state"),
        make_examples_list(guidance, "secret-list", name="Secret list"),
        make_approval_test(guidance, "secret-test", name="Secret test"),
    ]


def test_a_second_guidance_is_published_as_its_file_says_and_changes_nothing_of_the_first(file, data):
    load()
    guidance = Guidance.objects.get()
    secrets = drafts(guidance)
    before = {model: [*model.objects.order_by("pk").values()] for model in TRACKED}
    other = of_other_guidance(data)
    load(file(other))
    edition = Edition.objects.get(guidance=other["id"])
    assert as_json(edition.content) == other
    assert "secret" not in edition.content_text.lower()
    for model, rows in before.items():
        assert [row for row in model.objects.order_by("pk").values() if row in rows] == rows
    assert {change.id for change in publishing.pending_changes(guidance)} == {one.pk for one in secrets}
    assert publishing.pending_changes(edition.guidance) == []


def told(body: bytes) -> str:
    """Return what an answer says; of an archive, what is in every file of it."""
    if not is_zipfile(BytesIO(body)):
        return body.decode()
    with ZipFile(BytesIO(body)) as archive:
        return "\n".join(name + archive.read(name).decode() for name in archive.namelist())


def test_no_address_tells_of_a_draft_once_another_guidance_is_loaded(file, data, client):
    load(live_at="2025-06-02")
    drafts(Guidance.objects.get())
    other = of_other_guidance(data)
    load(file(other), live_at="2025-06-02")
    values = {
        "guidance": [data["slug"], other["slug"]],
        "on": ["2025-06-02"],
        "at": ["2025-06-02T00:00:00Z"],
        "since": ["2025-06-02"],
        "timemap": ["", f"categories/{data['categories'][0]['slug']}/", "categories/secret/"],
        "categories": [data["categories"][0]["slug"], "secret"],
        "approval-tests": [data["approval_tests"][0]["slug"], "secret-test"],
        "updates": ["1"],
        "editions": ["1"],
        "id": [data["id"], other["id"]],
        "announced": ["00000000-0000-0000-0000-000000000000"],
        **{part: ["nothing"] for part in ("alerts", "confirm", "end")},
    }
    asked = [address for address in addresses.every(values) if "secret" not in address]
    for address in [*asked, *(f"{address}?cohort=secret&q=secret" for address in asked)]:
        answer = client.get(address)
        assert "Secret" not in str(answer.headers) + told(answer.content), address
    assert len(asked) > 60


def test_a_submission_of_one_guidance_carries_nothing_of_another(file, data):
    load()
    load(file(of_other_guidance(data)))
    first, other = Guidance.objects.order_by("-slug")
    drafts(first)
    writer = make_user("writer", "Writer")
    category = other.category_set.first()
    category.aim = "Another aim."
    category.save()
    submission = publishing.submit(other, writer, change_note="Better.")
    assert submission.record_ids == [str(category.pk)]
    assert "secret" not in submission.content_text.lower()


def test_a_draft_of_the_working_copy_is_not_published_with_a_file(file, data):
    guidance = Guidance.objects.create(
        pk=UUID(data["id"]), slug=data["slug"], title="As begun here", applies_to=["England"]
    )
    names = [str(draft) for draft in drafts(guidance)]
    said = refused()
    for name in names:
        assert f"“{name.removesuffix(' (All)')}” of the working copy is not as in the file" in said
    assert len(said.splitlines()) == len(names)
    for model in reversed(TRACKED):
        for record in model.objects.all():
            record.delete()
    load()
    assert as_json(Edition.objects.get().content) == data


# When edition 1 counts from


@pytest.mark.parametrize(
    ("given", "live_at"),
    [
        ("2025-06-02", london(2025, 6, 2)),
        ("2025-06-02T09:30", london(2025, 6, 2, 9, 30)),
        ("2025-06-02T09:30:00+00:00", london(2025, 6, 2, 10, 30)),
    ],
)
def test_edition_1_counts_from_a_past_day_or_time(given, live_at):
    load(live_at=given)
    edition = Edition.objects.get()
    assert edition.live_at == live_at
    assert edition.made_at > live_at


def test_edition_1_counts_from_the_load_otherwise():
    load()
    edition = Edition.objects.get()
    assert edition.live_at == edition.made_at.replace(microsecond=0)


@pytest.mark.parametrize("value", ["", "yesterday", "2025-13-01", "2025-06-02T25:00", "9999-12-31T23:59-12:00"])
def test_a_time_that_is_none_is_refused(value):
    assert refused(live_at=value) == f"--live-at “{value}” is not a day or a time such as 2025-06-02."


def test_a_time_to_come_is_refused():
    assert refused(live_at="2999-01-01").startswith("--live-at “2999-01-01” is in the future.")


def test_edition_1_counts_from_one_time_for_ever():
    load(live_at="2025-06-02")
    assert "Nothing to change" in load(live_at="2025-06-02")
    assert refused(live_at="2025-06-03").startswith("Edition 1 counts from midnight on 2 June 2025 for ever.")


def test_the_change_note_of_edition_1_can_be_given():
    load(change_note="The official wording, loaded by the publisher.")
    assert Edition.objects.get().change_note == "The official wording, loaded by the publisher."


@pytest.mark.parametrize(
    ("published", "start"),
    [
        ("2025-06-02", "First edition on this site. The facts are from the guidance published on 2 June 2025; "),
        (None, "First edition on this site. Loaded on 5 January 2026."),
    ],
)
def test_the_change_note_of_edition_1_says_where_it_comes_from(published, start, file, data):
    with time_machine.travel(london(2026, 1, 5, 9), tick=False):
        load(file(data | {"first_published_on": published}))
    note = Edition.objects.get().change_note
    assert note.startswith(start)
    assert note.endswith(" Loaded on 5 January 2026.")


# What cannot be loaded


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "cannot be read as JSON: Expecting value"),
        ("{'schema': 1}", "cannot be read as JSON: Expecting property name"),
        ("[" * 100_000, "is nested too deeply to be guidance."),
        ('{"schema": 1, "title": "A", "title": "B"}', "cannot be read as JSON: “title” is given twice in one object"),
        ("[]", "must be one JSON object"),
        ("null", "must be one JSON object"),
        ('"text"', "must be one JSON object"),
        ('{"schema": 3}', "schema: must be 2, the present schema, or 1, the one before"),
        ("{}", "title: is missing"),
        ('{"schema": 1, "id": 5, "levels": 1, "categories": {"a": [1]}}', "id: "),
        ('{"title": NaN}', "is not JSON: "),
        ('{"title": ' + "9" * 5000 + "}", "cannot be read as JSON: Exceeds the limit"),
    ],
)
def test_what_is_not_content_is_refused_with_a_sentence(text, sentence, file):
    assert sentence in refused(file(text))


@pytest.mark.parametrize("depth", [150, 300, 900, 950, 970, 980, 990, 1000])
def test_nesting_of_any_depth_is_refused_with_a_sentence(depth, file, data):
    path = file(json.dumps(data)[:-1] + ', "x": ' + '{"x": [' * (depth // 2) + "1" + "]}" * (depth // 2) + "}")
    assert "guidance.json" in refused(path)


def test_a_file_that_is_not_there_or_is_no_text_is_refused(tmp_path):
    assert "No such file" in refused(tmp_path / "none.json")
    assert "Is a directory" in refused(tmp_path)
    (tmp_path / "image.json").write_bytes(b"\x89PNG\xff")
    assert "is not in UTF-8" in refused(tmp_path / "image.json")


def test_a_broken_file_has_all_its_faults_named_at_once(file, data):
    load()
    data["title"] = ""
    data["categories"][0] |= {"aim": "[x](javascript:a)", "levels": [7]}
    data["approval_tests"][0]["kind"] = "charm"
    data["cohorts"][0]["slug"] = "not-sure"
    path = file(data)
    title, test = data["categories"][0]["title"], data["approval_tests"][0]["name"]
    first, *faults = refused(path).splitlines()
    assert first == f"Nothing was loaded. {path} has {len(faults)} faults:"
    assert "Guidance “the guidance”, title: is empty" in faults
    assert f"Category “{title}”, levels: “7” is not in this guidance" in faults
    assert (
        f"Category “{title}”, aim: the link “javascript:a” must begin with https://, http://, mailto:, / or #" in faults
    )
    assert any(fault.startswith(f"Approval test “{test}”, kind: must be one of ") for fault in faults)
    assert any("“not-sure” has a meaning of its own" in fault for fault in faults)


def renamed(data: dict[str, Any], place: int, slug: str) -> dict[str, Any]:
    data["categories"][place]["slug"] = slug
    return data


def written_by_windows(path: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return path


def test_a_file_that_went_through_windows_loads_the_same(tmp_path):
    text = FIXTURE.read_text(encoding="utf-8").replace("\\n\\n", "\\r\\n\\r\\n")
    assert "\\r\\n" in text
    load()
    before = state()
    assert load(written_by_windows(tmp_path / "guidance.json", text)) == (
        "Nothing to change: the working copy says this already.\n"
    )
    assert state() == before


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_another_encoding_is_refused_with_the_way_out(encoding, tmp_path):
    path = written_by_windows(tmp_path / "guidance.json", '{"title": "Qualification’s"}', encoding)
    assert refused(path).endswith(
        "is not in UTF-8. Save it as UTF-8 and load it again: in Notepad, File, Save as, Encoding: UTF-8."
    )


def test_a_later_save_of_one_field_changes_that_field_alone(file, data):
    data["categories"][0] |= {"aim": "Cafe\u0301 work.\n", "title": "  A title "}
    load(file(data))
    category = Category.objects.get(slug=ENTRY)
    assert (category.aim, category.title) == ("Caf\u00e9 work.", "A title")
    category.example = "An example."
    category.full_clean()
    category.save()
    guidance = Guidance.objects.get()
    [change] = publishing.pending_changes(guidance)
    assert [field.field for field in change.fields] == ["example"]


def test_lists_are_kept_as_a_form_would_keep_them(file, data):
    data["categories"][0]["synonyms"] = ["a  b", "c\u00a0d"]
    load(file(data))
    category = Category.objects.get(slug=ENTRY)
    field = Category._meta.get_field("synonyms").formfield()
    assert field.clean(field.prepare_value(category.synonyms)) == category.synonyms


def test_terms_that_staff_made_again_are_named(file, data):
    load()
    guidance = Guidance.objects.get()
    made_again = make_short_form(guidance, term="HTQ"), make_cohort(guidance, "carers", "Carers")
    data["short_forms"].append({"id": str(UUID(int=1)), "term": "HTQ", "meaning": "others"})
    data["cohorts"].append({"id": str(UUID(int=2)), "slug": "carers", "name": "Carers"})
    said = refused(file(data))
    assert "Short form “HTQ”, term: “HTQ” belongs to “HTQ” in the working copy" in said
    assert f"Cohort “Carers”, slug: “carers” belongs to “{made_again[1]}” in the working copy" in said


def test_a_file_of_schema_1_is_held_against_the_working_copy_too(file, data):
    load()
    make_cohort(Guidance.objects.get(), "carers")
    data["cohorts"].append({"id": str(UUID(int=2)), "slug": "carers", "name": "Carers"})
    assert "“carers” belongs to" in refused(file(written(data)))


def test_guidance_without_levels_loads(file, data):
    data |= {"levels": [], "categories": [], "cohorts": []}
    load(file(data))
    assert Edition.objects.get().content.levels == ()


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("2025-03-30T01:30", "1:30am on 30 March 2025 does not exist that night, because the clocks go forward."),
        ("2025-10-26T01:30", "1:30am on 26 October 2025 happens twice that night, because the clocks go back."),
    ],
)
def test_an_hour_that_the_clocks_skip_or_repeat_is_refused(when, sentence):
    assert refused(live_at=when) == f"--live-at: {sentence} Choose a time before 1am or from 2am."


def test_schema_1_loads(file):
    """What it said in code it says in words of its own now; nothing of it counts as a change."""
    load(file(written(json.loads(FIXTURE.read_text(encoding="utf-8")))))
    content = Edition.objects.get().content
    assert content.relationship_by_slug["aligns"].name == "Aligns to an occupational standard"
    assert content.category_by_slug[ENTRY].availability_on(london(2025, 6, 2).date()) == "in-scope"


def test_an_address_that_was_live_is_refused_to_another_record(file, data):
    load()
    load(file(renamed(data, 0, "renamed")))
    Category.objects.get(slug="renamed")
    data["categories"][0]["slug"] = "renamed"
    said = refused(file(renamed(data, 1, ENTRY)))
    first, second = data["categories"][:2]
    fault = f"Category “{second['title']}”, slug: “{ENTRY}” has belonged to “{first['title']}” since it was published"
    assert said.endswith(f"has 1 fault:\n{fault}")


def test_an_address_of_the_working_copy_is_refused_to_another_record(file, data):
    load()
    make_category(Guidance.objects.get(), "a-draft", title="A draft")
    assert "slug: “a-draft” belongs to “A draft” in the working copy" in refused(file(renamed(data, 0, "a-draft")))


def test_guidance_with_the_same_address_is_refused(file, data):
    make_guidance(slug=data["slug"], title="Another")
    assert f"slug: “{data['slug']}” belongs to “Another” in the working copy" in refused()


def test_records_of_other_guidance_are_refused(file, data):
    load()
    other = data | {"id": "00000000-0000-4000-8000-000000000000", "slug": "other"}
    said = refused(file(other))
    count = sum(len(data[name]) for name in LIST_OF_KIND.values())
    assert said.count("id: belongs to “") == count


@pytest.mark.parametrize("broken", ["categories.models.Category.save", "categories.models.SubmissionEvent.save"])
def test_a_failure_half_way_loads_nothing(broken, monkeypatch):
    def fail(*args: Any, **options: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(broken, fail)
    before = state()
    with pytest.raises(RuntimeError):
        load()
    assert state() == before


# Exporting


def test_an_export_of_the_fixture_is_the_fixture():
    load()
    assert export() == FIXTURE.read_text(encoding="utf-8")


def test_loading_an_export_changes_nothing(file):
    load()
    before = state()
    assert load(file(export())).startswith("Nothing to change")
    assert load(file(export(edition=1))).startswith("Nothing to change")
    assert state() == before


def test_an_old_edition_can_be_exported_and_loaded(file):
    load()
    first = export(edition=1)
    category = Category.objects.get(slug=ENTRY)
    category.aim, category.position = "Another aim.", 99_999
    category.save()
    assert export() != first
    assert export(edition=1) == first
    load(file(first))
    assert export() == first


def test_an_export_can_go_to_a_file(tmp_path):
    load()
    assert export(output=str(tmp_path / "out.json")) == ""
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == export()


def test_what_is_exported_has_to_be_named_and_there(file, data):
    def sentence(**options: Any) -> str:
        with pytest.raises(CommandError) as error:
            export(**options)
        return str(error.value)

    assert sentence() == "Name the guidance. There is: none."
    load()
    assert sentence(slug="x") == f"There is no guidance “x”. There is: {data['slug']}."
    assert sentence(edition=7) == f"“{data['title']}” has no edition 7."
    make_guidance(slug="another", title="Another")
    assert sentence() == f"Name the guidance. There is: another, {data['slug']}."
    assert json.loads(export(slug="another"))["title"] == "Another"


def test_a_working_copy_that_is_no_content_is_not_exported():
    make_guidance(title="")
    with pytest.raises(CommandError, match="title: is empty"):
        export()


class Undo(Exception):
    """Ends an example, so that the database forgets it."""


@settings(max_examples=15)
@given(strategies.contents)
def test_any_content_comes_back_as_it_was_loaded(content: Content) -> None:
    with pytest.raises(Undo), transaction.atomic():
        loaded = loading.load(content, why="An example")
        assert dump(publishing.working_content(loaded.guidance)) == dump(content)
        again = loading.load(content, why="Again")
        assert (again.added, again.changed, again.kept) == ([], [], [])
        raise Undo


@settings(max_examples=15)
@given(strategies.pairs)
def test_content_that_is_read_can_be_loaded_over_anything(pair: tuple[Content, Content]) -> None:
    before, after = pair
    with pytest.raises(Undo), transaction.atomic():
        loading.load(before, why="Before")
        content, faults = loading.read(as_json(after))
        if content:
            loading.load(content, why="After")
            again = loading.load(content, why="Again")
            assert (again.added, again.changed) == ([], [])
            working = publishing.working_content(again.guidance)
            assert {identity: working.entries[identity] for identity in content.entries} == content.entries
        assert content or all("belongs to" in fault.message for fault in faults)
        raise Undo
