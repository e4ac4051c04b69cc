"""Availability in the form of a category: a row for each step, which works without a script and loses nothing."""

import html5lib
import pytest
from django.urls import reverse

from categories.admin import history
from tests.factories import (
    NOT_YET,
    make_approval_test,
    make_availability,
    make_category,
    make_cohort,
    make_examples_list,
    make_guidance,
    make_level,
    make_relationship,
    make_steps,
    make_t_level,
    make_user,
)
from tests.forms import filled, typed

pytestmark = pytest.mark.django_db

STEPS = (("in-scope", "2023-11"), ("no-longer-in-scope", "2027-08"))


@pytest.fixture
def guidance():
    return make_guidance()


@pytest.fixture
def category(guidance):
    return make_category(guidance, steps=STEPS)


@pytest.fixture(autouse=True)
def writer(client):
    user = make_user("wendy", "Writer")
    client.force_login(user)
    return user


def url_of(category) -> str:
    return reverse("admin:categories_category_change", args=[category.pk])


def row(place: int, state="", month: str = "", year: str = "") -> dict[str, object]:
    name = f"availability_{place}"
    return {f"{name}_state": state, f"{name}_month": month, f"{name}_year": year}


def errors(page) -> dict[str, list[str]]:
    assert page.status_code == 200, "it was saved"
    return page.context["adminform"].form.errors


@pytest.mark.parametrize(("steps", "rows"), [((), 3), (STEPS[:1], 3), (STEPS, 4), ((*STEPS, ("ended", "2030-01")), 5)])
def test_there_are_two_rows_more_than_steps_and_three_at_least(steps, rows, guidance, client):
    data = filled(client.get(url_of(make_category(guidance, steps=steps))))
    sent = [data[f"availability_{place}_state"] for place in range(rows)]
    assert f"availability_{rows}_state" not in data
    assert [bool(state != [""]) for state in sent] == [place < len(steps) for place in range(rows)]


def test_every_control_has_a_label_and_stands_in_a_named_group(category, client):
    root = html5lib.parse(client.get(url_of(category)).content.decode(), namespaceHTMLElements=False)
    labels = {label.get("for"): "".join(label.itertext()) for label in root.iter("label")}
    groups = [one for one in root.iter("fieldset") if "app-steps__row" in (one.get("class") or "")]
    assert ["".join(group.find("legend").itertext()) for group in groups] == [f"Step {n}" for n in (1, 2, 3, 4)]
    for group in groups:
        controls = [*group.iter("select"), *group.iter("input")]
        assert [labels[control.get("id")] for control in controls] == ["State", "Month", "Year"]


def test_a_step_is_added_and_an_emptied_one_is_dropped(category, guidance, client):
    ended = make_availability(guidance, "ended")
    changed = row(0) | row(2, ended, "01", " 2030 ")
    assert client.post(url_of(category), typed(client, url_of(category), **changed)).status_code == 302
    category.refresh_from_db()
    assert category.availability == make_steps(guidance, STEPS[1], ("ended", "2030-01"))


def test_a_state_without_a_month_is_a_step(category, guidance, client):
    changed = row(0, make_availability(guidance, NOT_YET)) | row(1)
    assert client.post(url_of(category), typed(client, url_of(category), **changed)).status_code == 302
    category.refresh_from_db()
    assert category.availability == make_steps(guidance, (NOT_YET, None))


def test_all_rows_emptied_state_nothing(category, client):
    client.post(url_of(category), typed(client, url_of(category), **row(0) | row(1)))
    category.refresh_from_db()
    assert category.availability == []


def test_a_form_without_the_rows_leaves_them_as_they_are(category, guidance, client):
    data = {name: value for name, value in typed(client, url_of(category)).items() if "availability_" not in name}
    assert client.post(url_of(category), data | {"aim": "Another aim."}).status_code == 302
    category.refresh_from_db()
    assert (category.aim, category.availability) == ("Another aim.", make_steps(guidance, *STEPS))


@pytest.mark.parametrize("steps", [(), STEPS, ((NOT_YET, None),)])
def test_what_is_sent_as_it_was_is_no_change(steps, guidance, client):
    category = make_category(guidance, steps=steps)
    before = category.history.count()
    page = client.post(url_of(category), typed(client, url_of(category)), follow=True)
    assert "You changed nothing, so nothing was saved." in page.content.decode()
    assert category.history.count() == before


def test_a_changed_step_is_one_field_of_the_history(category, guidance, client):
    client.post(url_of(category), typed(client, url_of(category), availability_1_year="2028"))
    [entry, *_] = history.entries_since(category.history.all(), 0)
    words = [(field.label, field.before_words, field.after_words) for field in entry.fields]
    before = "In scope from November 2023\nNo longer in scope from August 2027"
    assert words == [("Availability", before, before.replace("2027", "2028"))]


WRONG = [  # what is typed into the third row, "in scope" standing for that state; and what is said of it
    (("", "05", ""), "Step 3: choose a state, or empty its month and its year."),
    (("", "", "2030"), "Step 3: choose a state, or empty its month and its year."),
    (("in scope", "05", ""), "Step 3: give the year of its month."),
    (("in scope", "", "2030"), "Step 3: choose the month of its year, or empty the year."),
    (("in scope", "05", "27"), "Step 3: write the year in four digits, from 1900 to 2999, such as 2027."),
    (("in scope", "05", "20277"), "Step 3: write the year in four digits, from 1900 to 2999, such as 2027."),
    (("in scope", "05", "1066"), "Step 3: write the year in four digits, from 1900 to 2999, such as 2027."),
    (("in scope", "05", "two"), "Step 3: write the year in four digits, from 1900 to 2999, such as 2027."),
    (("in scope", "05", "\uff12\uff17"), "Step 3: write the year in four digits, from 1900 to 2999, such as 2027."),
    (("in scope", "13", "2030"), "Step 3: choose a month from the list."),
    (("nonsense", "05", "2030"), "Step 3: choose a state from the list."),
    (("in scope", "", ""), "“In scope” needs the month from which it counts."),
    (("in scope", "08", "2027"), "each month must be later than the one before it."),
    (("in scope", "01", "2020"), "each month must be later than the one before it."),
]

NOT_OFFERED = {"Step 3: choose a month from the list.", "Step 3: choose a state from the list."}  # by no browser


@pytest.mark.parametrize(("entered", "sentence"), WRONG)
def test_a_wrong_row_is_named_and_nothing_typed_is_lost(entered, sentence, category, guidance, client):
    state = make_availability(guidance) if entered[0] == "in scope" else entered[0]
    data = typed(client, url_of(category), title="A title typed just now", **row(2, state, *entered[1:]))
    page = client.post(url_of(category), data)
    assert errors(page) == {"availability": [sentence]}
    if sentence not in NOT_OFFERED:
        assert data.items() <= filled(page).items()
    category.refresh_from_db()
    assert category.availability == make_steps(guidance, *STEPS)


def test_every_wrong_row_is_told_at_once_and_the_rows_point_at_it(category, guidance, client):
    changed = row(2, make_availability(guidance), "05", "27") | row(3, "", "06", "")
    page = client.post(url_of(category), typed(client, url_of(category), **changed))
    assert [sentence.partition(":")[0] for sentence in errors(page)["availability"]] == ["Step 3", "Step 4"]
    root = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    [steps] = [one for one in root.iter("fieldset") if one.get("id") == "id_availability"]
    assert steps.get("aria-describedby") == "id_availability_helptext id_availability_error"
    assert {"id_availability_helptext", "id_availability_error"} <= {one.get("id") for one in root.iter()}
    wrong = [one.get("id") for one in steps.iter() if one.get("aria-invalid") == "true"]
    assert wrong == [f"id_availability_{place}_{part}" for place in (2, 3) for part in ("state", "month", "year")]


def test_a_state_that_is_gone_is_shown_and_has_to_be_replaced(category, guidance, client):
    category.availability[1]["state"] = "17141a88-bc27-411c-ac5c-f29cfd16f5d0"
    category.save()  # past the form, as a script might
    page = client.get(url_of(category))
    assert "A state that is no longer there" in page.content.decode()
    page = client.post(url_of(category), typed(client, url_of(category), aim="Another aim."))
    assert errors(page) == {"availability": ["Step 2: choose a state from the list."]}
    assert client.get(reverse("admin:categories_category_changelist")).status_code == 200


# Of which guidance


@pytest.fixture
def two(guidance):
    """Two guidances, each with one of everything that a category can name."""
    other = make_guidance(slug="other", title="Other guidance")
    for one in (guidance, other):
        make_category(one, f"of-{one.slug}", steps=STEPS)
        make_t_level(one)
        make_examples_list(one)
    return guidance, other


def of(guidance, **fields):
    """What is typed for a new category, all of it of one guidance."""
    return {
        "title": "New",
        "slug": "new",
        "aim": "An aim.",
        "relationship_text": "It aligns.",
        "levels": [make_level(guidance, 3)],
        "cohorts": [make_cohort(guidance, "adults")],
        "relationship": make_relationship(guidance),
        "t_level": make_t_level(guidance),
        "approval_tests": [guidance.approvaltest_set.get()],
        "examples_list": guidance.exampleslist_set.get(),
        **row(0, make_availability(guidance), "03", "2027"),
        **fields,
    }


NAMED = ["levels", "cohorts", "relationship", "t_level", "approval_tests", "examples_list", "availability"]
ADD = "admin:categories_category_add"


def test_a_new_category_is_offered_the_records_of_each_guidance_under_its_title(two, client):
    root = html5lib.parse(client.get(reverse(ADD)).content.decode(), namespaceHTMLElements=False)
    for name in ("relationship", "t_level", "examples_list", "after", "availability_0_state"):
        [control] = [one for one in root.iter("select") if one.get("name") == name]
        groups = [group.get("label") for group in control.iter("optgroup")]
        assert groups == [str(guidance) for guidance in two], name
    assert filled(client.get(reverse(ADD)))["relationship"] == [""]  # nothing is chosen for anybody


def test_a_new_category_of_one_guidance_is_saved_and_comes_last(two, client):
    for guidance in two:
        data = typed(client, reverse(ADD), guidance=guidance, **of(guidance))
        assert client.post(reverse(ADD), data).status_code == 302
        assert guidance.category_set.last().slug == "new"


@pytest.mark.parametrize("field", NAMED)
def test_a_record_of_other_guidance_is_refused_by_name(field, two, client):
    guidance, other = two
    foreign = of(other)
    entered = of(guidance) | {name: value for name, value in foreign.items() if name.startswith(field)}
    entered["relationship_text"] = "It aligns."
    page = client.post(reverse(ADD), typed(client, reverse(ADD), guidance=guidance, **entered))
    record = foreign["availability_0_state" if field == "availability" else field]
    record = record[0] if isinstance(record, list) else record
    assert errors(page) == {field: [f"“{record}” belongs to other guidance. Choose another."]}


def test_a_category_is_offered_the_records_of_its_own_guidance_alone(two, client):
    guidance, other = two
    page = client.get(url_of(guidance.category_set.get())).content.decode()
    for record in of(other).values():
        record = record[0] if isinstance(record, list) else record
        if hasattr(record, "pk"):
            assert str(record.pk) not in page
    assert str(make_availability(guidance).pk) in page


def test_a_new_category_of_the_only_guidance_follows_the_last_and_presets_no_relationship(category, client):
    data = filled(client.get(reverse(ADD)))
    assert data["after"] == [str(category.pk)]
    assert data["relationship"] == data["t_level"] == [""]
    page = client.post(reverse(ADD), data | {"title": "New", "slug": "new", "internal_note": "n"})
    assert errors(page) == {"relationship": ["This field is required."]}


def test_the_filters_of_a_list_are_those_of_the_guidance_that_it_is_filtered_by(two, client):
    guidance, other = two
    test = make_approval_test(other, "another-test")
    url = reverse("admin:categories_category_changelist")
    assert "Another test" not in client.get(url).content.decode()  # of several, one guidance is chosen first
    page = client.get(f"{url}?guidance__id__exact={guidance.pk}").content.decode()
    assert str(test.pk) not in page
    page = client.get(f"{url}?guidance__id__exact={other.pk}").content.decode()
    assert ">Another test</a>" in page


def test_what_stands_for_no_choice_says_so_whether_the_guidance_is_chosen_or_not(two, client):
    guidance, _ = two
    for url in (reverse(ADD), url_of(guidance.category_set.get())):
        page = client.get(url).content.decode()
        for words in ("Choose a relationship", "The guidance says nothing of T Levels", "No list", "No state"):
            assert f">{words}</option>" in page, url


def test_a_fault_elsewhere_makes_no_more_rows(category, client):
    data = typed(client, url_of(category), title="")
    page = client.post(url_of(category), data)
    assert list(errors(page)) == ["title"]
    assert filled(page).keys() - {"title"} == data.keys() - {"title"}
