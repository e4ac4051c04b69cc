"""Check a list: what may fit each qualification, without a cookie, a script or a trace."""

import csv
import io
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from categories.content import finder, qualifications, search
from categories.content.check import check
from categories.content.schema import Content
from tests import factories
from tests.factories import london
from tests.html import Page, words

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"
NOW = london(2027, 6, 1, 12)
ENTRY_2 = "level-2-occupational-entry-16-to-19-and-adults"
HTQ, T_LEVEL = "level-4-and-5-higher-technical-qualifications", "level-3-t-level"
LIST = """Qualification title,Level,Cohort,Type
T Level in Health,3,16-19,T Level
HTQ in Care,4,,HTQ
Level 2 Diploma in Adult Care,,adults,
Certificate in Baking,7,Adults,
"Award in Leading, Managing",L3,children,zebra
=HYPERLINK(x),level 2,16 to 19 and adults,employer-proposed
"""


@pytest.fixture(autouse=True)
def _published(fixture_content: Content) -> None:
    factories.publish(fixture_content)


def post(client: Client, text: str = "", **sent: Any) -> Any:
    with time_machine.travel(NOW, tick=False):
        return client.post(f"{G}check/", {"list": text, **sent})


def found(content: Content, text: str) -> list[tuple[list[str], str]]:
    """The categories that may fit each qualification, and what is said besides."""
    table, problems = qualifications.read(text)
    assert table, problems
    checked = check(content, table, qualifications.columns(table.names), NOW.date())
    return [([fit.category.slug for fit in one.fits], " ".join([*one.explanation, *one.left_out])) for one in checked]


def test_what_may_fit(fixture_content: Content) -> None:
    t_level, htq, adult_care, baking, award, proposed = found(fixture_content, LIST)
    assert t_level == ([T_LEVEL], "")
    assert htq == ([HTQ], "")
    assert adult_care == (
        [one.slug for one in fixture_content.categories if one.levels == (2,)],
        "",
    )  # the level is in its title, and every one of them is for adults too
    assert baking == ([], "This guidance has no level “7”, but 2, 3, 4 or 5.")
    assert award[0] == [one.slug for one in fixture_content.categories if 3 in one.levels]
    assert award[1] == (
        "Learners “children” are none of this guidance (16 to 19 or adults), so they were left out. "
        "No category is called “zebra”, so the type was left out."
    )
    assert proposed == ([], "No category that is called “employer-proposed” fits the rest.")


def test_a_title_puts_what_it_names_first(fixture_content: Content) -> None:
    [(slugs, _)] = found(fixture_content, "title,level\nAdditional specialist award,3\n")
    assert slugs[0] == "level-3-additional-specialist-16-to-19-and-adults"
    assert len(slugs) == 7  # the others may fit all the same


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    level=st.sampled_from("2345"), cohorts=st.lists(st.sampled_from(["16 to 19", "Adults"]), unique=True, max_size=2)
)
def test_it_finds_what_the_finder_finds(fixture_content: Content, level: str, cohorts: list[str]) -> None:
    slugs = [one.slug for one in fixture_content.cohorts if one.name in cohorts]
    answers = finder.Answers({"level": (level,), **({"cohort": tuple(slugs)} if slugs else {})})
    wanted = [one.category.slug for one in finder.result(fixture_content, answers, NOW.date()).candidates]
    [(got, _)] = found(fixture_content, f'title,level,learners\nDiploma,{level},"{" and ".join(cohorts)}"\n')
    assert got == wanted


def test_the_page_of_a_list(client: Client) -> None:
    response = post(client, LIST)
    page = Page(response)
    assert (response.status_code, response["Cache-Control"], response.cookies) == (200, "no-store", {})
    assert "6 qualifications checked" in page.main
    headings = [words(one) for one in page.all("h2")]
    assert "Level 3, 16 to 19, “T Level”: 1 category may fit" in headings
    assert "Level “7”, Adults: 0 categories may fit" in headings
    assert "Cohort: not stated in this guidance" in page.main
    assert "Certificate in Baking line 5" in page.main


def test_the_form_asks_for_no_cookie_and_no_script(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        response = client.get(f"{G}check/")
    page = Page(response)
    assert not response.cookies
    assert not page.scripts
    [form] = [form for form in page.all("form") if form.get("action") == f"{G}check/"]
    assert (form.get("method"), form.get("enctype")) == ("post", "multipart/form-data")
    strict = Client(enforce_csrf_checks=True)
    assert post(strict, LIST).status_code == 200


def test_columns_are_mended_by_the_reader(client: Client) -> None:
    text = "What,How high\nDiploma,3\n"
    page = Page(post(client, text))
    assert page.links["Choose which column has the titles of the qualifications."] == "#title"
    assert [words(one) for one in page.all("option")][:3] == ["None", "Column 1", "Column 2"]
    mended = {"mended": "1", "names": "1", "title": "0", "level": "1"}
    page = Page(post(client, text, **mended))
    assert "1 qualification checked" in page.main
    assert "Level 3, learners not given: 7 categories may fit" in page.main
    assert [words(one) for one in page.all("option") if one.get("selected") is not None][:2] == ["What", "How high"]
    assert "2 qualifications checked" in Page(post(client, text, mended="1", title="0")).main
    for wrong in ("99", "-1", "x", ""):
        assert "Choose which column" in Page(post(client, text, **mended | {"title": wrong})).main


def test_one_column_needs_no_name(client: Client) -> None:
    page = Page(post(client, "Level 2 Diploma in Care\nLevel 3 Award\n"))
    assert "2 qualifications checked" in page.main


@pytest.mark.parametrize(
    "data",
    [
        LIST.encode(),
        LIST.encode("utf-8-sig"),
        LIST.encode("utf-16"),
        LIST.replace("\n", "\r\n").encode(),
        LIST.replace("T Level in Health", "Café").encode("cp1252"),
        "\n".join(";".join(row) for row in csv.reader(io.StringIO(LIST))).encode(),
        "\n".join("\t".join(row) for row in csv.reader(io.StringIO(LIST))).encode(),
        b"\n\n" + LIST.encode() + b"\n,,,\n",
    ],
)
def test_a_file_of_any_spreadsheet(client: Client, data: bytes) -> None:
    page = Page(post(client, file=SimpleUploadedFile("list.csv", data)))
    assert "6 qualifications checked" in page.main


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The list is empty. Paste a list, or choose a CSV file."),
        (b"PK\x03\x04zip", "The file is a spreadsheet, not CSV. Save it as CSV (UTF-8), then choose that file."),
        (b"title,level\na,3,x\nb,2\nc,1,1,1\n", "Line 2 has 3 cells, but the line with the names has 2."),
        (b"title,level\na,3,x\nb,2\nc,1,1,1\n", "Line 4 has 4 cells"),
        (b'title\n"a\nb', "Line 2 or a later one cannot be read as CSV"),
        (b"title\na\n\nb\x00\n", "Line 4 has the control character U+0000. Take it out."),
        (b"title\n" + b"x\n" * 1001, "The list has 1,001 qualifications. Check at most 1,000 at a time."),
        (b"title\n" + b"x" * 1_000_000, "The list is larger than 1 MB. Check a part of it at a time."),
        (b"title\n" + b"x" * 2_000_000, "The list is larger than 1 MB."),
        (b"title,a\n" + b"x,1,2\n" * 15, "There are 5 more such lines."),
        (b"x," * 100 + b"\na\n", "Line 1 has 101 cells. Check at most 100 columns."),
        (b"a\n" + b"," * 100_000 + b"x\n" + b"b\n" * 900, "Line 2 has 100,001 cells."),
        (b"title" + b"," * 500_000 + b"\n", "Line 1 has 500,001 cells."),
    ],
)
def test_a_bad_file_is_explained_by_line(client: Client, data: bytes, sentence: str) -> None:
    response = post(client, file=SimpleUploadedFile("list.csv", data))
    page = Page(response)
    assert response["Cache-Control"] == "no-store"
    assert page.title.startswith("Error: ")
    assert sentence in page.main


def test_a_wide_list_is_never_filled_up_to_its_width(client: Client) -> None:
    response = post(client, "," * 1_000 + "x\n" + "a\n" * 9, mended="1", title="0", download="csv")
    assert "Line 1 has 1,001 cells. Check at most 100 columns." in Page(response).main


def test_a_hundred_columns_are_checked(client: Client) -> None:
    assert "1 qualification checked" in Page(post(client, "x," * 99 + "x\n", mended="1", title="0")).main


def test_what_says_to_be_longer_than_any_number_is_too_long(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        response = client.post(f"{G}check/", {"list": LIST}, CONTENT_LENGTH="0000001000")
    assert "The list is larger than 1 MB." in Page(response).main


def test_a_list_and_a_file_are_one_too_many(client: Client) -> None:
    page = Page(post(client, "a", file=SimpleUploadedFile("list.csv", b"b")))
    assert "There are a pasted list and a file. Use one of them." in page.main
    assert "a" in "".join(page.all("textarea")[0].itertext())  # nothing typed is lost


def test_the_list_comes_back_with_columns_added_and_no_formula(client: Client) -> None:
    columns = {"mended": "1", "names": "1", "title": "0", "level": "1", "learners": "2", "type": "3"}
    response = post(client, LIST, download="csv", **columns)
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Disposition"] == (
        'attachment; filename="technical-qualification-categories-checked-2027-06-01.csv"'
    )
    heading, *rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), strict=True)
    assert heading == [
        "Qualification title", "Level", "Cohort", "Type",
        "Categories that may fit", "Why", "What is not stated", "What was left out",
    ]  # fmt: skip
    assert [row[0] for row in rows][-1] == "'=HYPERLINK(x)"
    assert rows[0][4:] == [
        "Level 3 T Level technical qualifications",
        "Level 3 T Level technical qualifications: Level 3, it is called “T Level”, the title of the qualification has "
        "its name",
        "Level 3 T Level technical qualifications: Cohort: not stated in this guidance, Availability: not stated in "
        "this guidance",
        "",
    ]
    assert rows[3][7] == "This guidance has no level “7”, but 2, 3, 4 or 5."
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(("=", "+", "-", "@", "\t"))


def test_a_list_is_checked_at_the_moment_of_its_address(client: Client, fixture_content: Content) -> None:
    factories.publish(factories.altered(fixture_content, slug="renamed"), london(2027, 1, 1))
    with time_machine.travel(NOW, tick=False):
        for base in (G, "/guidance/renamed/", f"{G}on/2026-01-01/", f"{G}at/2026-01-01T00:00:00Z/"):
            assert client.post(f"{base}check/", {"list": "a"}).status_code == 200
        assert client.post("/guidance/none/check/", {"list": "a"}).status_code == 404
        assert client.post(f"{G}on/2020-01-01/check/", {"list": "a"}).status_code == 404
        for method in (client.put, client.delete, client.patch):
            assert method(f"{G}check/").status_code == 405


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_answered(fixture_content: Content, data: bytes) -> None:
    text, problems = qualifications.decoded(data)
    table, more = qualifications.read(text)
    assert bool(table) != bool(problems or more) or problems
    if table:
        columns = qualifications.columns(table.names) or {"title": 0}
        assert len(check(fixture_content, table, columns, NOW.date())) == len(table.rows)


def test_a_thousand_take_one_query(client: Client, django_assert_num_queries: Any) -> None:
    text = "title,level\n" + "".join(f"Diploma {number},{2 + number % 4}\n" for number in range(1000))
    with django_assert_num_queries(1):
        page = Page(post(client, text))
    assert "1000 qualifications checked" in page.main
    assert len([one for one in page.all("h2") if "may fit" in words(one)]) == 4


def test_a_row_takes_as_many_words_however_many_categories_there_are(
    fixture_content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, stems = [], search.stems
    monkeypatch.setattr(search, "stems", lambda text: asked.append(text) or stems(text))
    taken = []
    for number in (1, 11):
        found(fixture_content, "title,level,type\n" + "T Level in Health,3,technical\n" * number)
        taken.append(len(asked))
        asked.clear()
    assert taken[1] - taken[0] < 10 * len(fixture_content.current_categories)
