"""The pages of publishing in the admin, as writers and editors use them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from categories import publishing
from categories.content.moments import london, when
from categories.models import Edition, Guidance, Submission
from categories.models.history import saving
from tests.factories import london as at_london
from tests.factories import make_approval_test, make_category, make_guidance, make_reader, make_user, publish_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def guidance():
    guidance = make_guidance()
    for slug in ("one", "two"):
        make_category(guidance, slug)
    publish_loaded(guidance)
    return guidance


@pytest.fixture
def writer():
    return make_user("wendy", "Writer", first_name="Wendy", last_name="Writer")


@pytest.fixture
def editor():
    return make_user("erin", "Editor", first_name="Erin", last_name="Editor")


def edit(record, by, why="A better wording", **fields):
    for name, value in fields.items():
        setattr(record, name, value)
    with saving(by, why):
        record.full_clean()
        record.save()


def changes_url(guidance: Guidance) -> str:
    return reverse("admin:categories_guidance_changes", args=[guidance.pk])


def page_of(submission: Submission) -> str:
    return reverse("admin:categories_submission_change", args=[submission.pk])


def act(client, submission: Submission, verb: str, **typed: str):
    """Do one thing to a submission from its page, as a browser does: with what its form hides too."""
    url = reverse("admin:categories_submission_act", args=[submission.pk, verb])
    steps = client.get(page_of(submission)).context["steps"]
    hidden = {
        field.name: field.value()
        for step in steps
        if step["verb"].name == verb
        for field in step["form"].hidden_fields()
    }
    return client.post(url, {f"{verb}-{name}": value or "" for name, value in (hidden | typed).items()})


def said(response) -> str:
    return response.content.decode()


def submit(client, guidance, **typed):
    """Submit as a writer does: open the page, tick, write, send."""
    form = client.get(changes_url(guidance)).context["form"]
    data = {"seen": form.initial["seen"], "chosen": list(form.ticked), "update_type": "major"}
    return client.post(changes_url(guidance), data | {"change_note": "The aim is plainer."} | typed)


@pytest.fixture
def waiting(guidance, writer):
    edit(guidance.category_set.get(slug="one"), writer, aim="A plainer aim.")
    return publishing.submit(guidance, writer, change_note="The aim is plainer.")


# The whole way


def test_from_an_edit_to_the_public_page(guidance, writer, editor, client):
    category = guidance.category_set.get(slug="one")
    edit(category, writer, aim="A plainer aim.")
    client.force_login(writer)
    page = re.sub("<[^>]+>", "", said(client.get(changes_url(guidance))))
    assert "[deleted: Entry to the aligned occupation.][inserted: A plainer aim.]" in page
    response = submit(client, guidance)
    submission = Submission.objects.get(status="submitted")
    assert response.headers["Location"] == page_of(submission)
    page = said(client.get(page_of(submission)))
    assert "Who can approve it: Erin Editor." in page
    assert 'value="Approve"' not in page
    assert "Only an Editor can approve a submission." in said(act(client, submission, "approve", when="now"))
    public = f"/guidance/{guidance.slug}/categories/one/"
    assert "A plainer aim." not in said(client.get(public))
    client.force_login(editor)
    assert "Waiting for you" in said(client.get(reverse("admin:index")))
    response = act(client, submission, "approve", when="now")
    assert response.status_code == 302
    assert "A plainer aim." in said(client.get(public))
    page = said(client.get(page_of(submission)))
    assert "Edition 2 is live." in page
    assert "<strong>Approved</strong> by Erin Editor" in page
    assert publishing.newest_edition(guidance).content_digest == submission.content_digest


# What will change, and submitting


def test_the_page_lists_exactly_what_differs(guidance, writer, client):
    edit(guidance.category_set.get(slug="one"), writer, title="One renamed", availability=[])
    make_category(guidance, "three")
    client.force_login(writer)
    page = client.get(changes_url(guidance))
    assert [(change.title, change.action) for change, _ in page.context["changes"]] == [
        ("One renamed", "changed"),
        ("Three", "added"),
    ]
    assert "It was called “One”." in said(page)
    category = guidance.category_set.get(slug="one")
    assert f'href="{reverse("admin:categories_category_change", args=[category.pk])}"' in said(page)


def test_what_is_unticked_stays_a_draft(guidance, writer, client):
    one, two = guidance.category_set.all()
    edit(one, writer, aim="A plainer aim.")
    edit(two, writer, aim="Not finished.")
    client.force_login(writer)
    submit(client, guidance, chosen=[str(one.pk)])
    submission = Submission.objects.get(status="submitted")
    assert submission.record_ids == [str(one.pk)]
    assert "Not finished." not in submission.content_text


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"change_note": "  "}, 409, "Write a change note, so that readers know what changed."),
        ({"chosen": []}, 409, "You ticked no changes, so there is nothing to submit."),
        ({"update_type": "enormous"}, 422, "Select a valid choice"),
        ({"seen": "an older digest"}, 409, "Somebody has changed the guidance since you opened this page."),
        ({"change_note": "a\x0bb"}, 409, "Take the control character out of the change note."),
    ],
)
def test_a_refused_submission_says_why_and_keeps_what_was_typed(typed, status, sentence, guidance, writer, client):
    edit(guidance.category_set.get(slug="one"), writer, aim="A plainer aim.")
    client.force_login(writer)
    response = submit(client, guidance, internal_note="For Erin to read", **typed)
    assert response.status_code == status
    assert sentence in said(response)
    assert "For Erin to read" in said(response)
    assert not Submission.objects.filter(status="submitted").exists()


@pytest.mark.parametrize("typed", [{"update_type": "enormous"}, {"change_note": "A long note. " * 500}, {}])
def test_nothing_typed_is_lost_when_a_submission_already_waits(typed, guidance, writer, client):
    edit(guidance.category_set.get(slug="one"), writer, aim="A plainer aim.")
    client.force_login(writer)
    form = client.get(changes_url(guidance)).context["form"]
    publishing.submit(guidance, make_user("otto", "Writer"), change_note="By Otto.")
    data = {"seen": form.initial["seen"], "update_type": "major", "change_note": "Mine.", "internal_note": "Typed."}
    response = client.post(changes_url(guidance), data | typed)
    assert response.status_code in (409, 422)
    assert "already waits for approval" in said(response)
    assert "Typed." in said(response)
    assert (data | typed)["change_note"].strip() in said(response)


def test_what_is_typed_survives_a_working_copy_that_cannot_be_read(guidance, writer, client):
    client.force_login(writer)
    test = guidance.approvaltest_set.get()
    test.name = ""
    test.save()  # past the form, as a script might
    response = client.post(changes_url(guidance), {"change_note": "Typed for ten minutes.", "update_type": "major"})
    assert response.status_code == 409
    assert "Typed for ten minutes." in said(response)


def test_a_changed_edition_behind_the_page_is_told_too(guidance, writer, editor, client):
    one, two = guidance.category_set.all()
    edit(one, writer, aim="Scheduled.")
    submission = publishing.submit(guidance, writer, change_note="Soon.")
    edition = publishing.approve(submission, editor, live_at=timezone.now() + timedelta(days=2))
    edit(two, writer, aim="Another.")
    client.force_login(writer)
    form = client.get(changes_url(guidance)).context["form"]
    publishing.unschedule(edition, editor, why="Too soon.")
    data = {"seen": form.initial["seen"], "chosen": [str(two.pk)], "update_type": "major", "change_note": "Mine."}
    response = client.post(changes_url(guidance), data)
    assert response.status_code == 409
    assert "Scheduled." in said(response)


def test_what_somebody_changed_meanwhile_is_shown_before_it_is_submitted(guidance, writer, client):
    one, two = guidance.category_set.all()
    edit(one, writer, aim="A plainer aim.")
    client.force_login(writer)
    form = client.get(changes_url(guidance)).context["form"]
    edit(two, make_user("otto", "Writer"), aim="By Otto, unseen.")
    data = {"seen": form.initial["seen"], "chosen": list(form.ticked), "update_type": "major", "change_note": "Mine."}
    response = client.post(changes_url(guidance), data)
    assert response.status_code == 409
    assert "By Otto" in said(response)
    assert response.context["form"].ticked == {str(one.pk)}
    data["seen"] = response.context["form"]["seen"].value()
    assert client.post(changes_url(guidance), data).status_code == 302


def test_what_is_saved_while_the_page_is_made_is_not_vouched_for(guidance, writer, client, monkeypatch):
    one, two = guidance.category_set.all()
    edit(one, writer, aim="Seen.")
    client.force_login(writer)
    changes = publishing.WorkingCopy.changes.func

    def interleaved(working):
        found = changes(working)
        edit(two, writer, aim="Saved at that moment.")
        return found

    monkeypatch.setattr(publishing.WorkingCopy, "changes", property(interleaved))
    form = client.get(changes_url(guidance)).context["form"]
    monkeypatch.undo()
    data = {"seen": form["seen"].value(), "chosen": list(form.ticked), "update_type": "major", "change_note": "Mine."}
    assert client.post(changes_url(guidance), data).status_code == 409


def test_a_fault_leads_to_its_record(guidance, writer, client):
    category = guidance.category_set.get(slug="one")
    edit(category, writer, aim="")
    client.force_login(writer)
    page = client.get(changes_url(guidance))
    [(sentence, url)] = page.context["faults"]
    assert "One" in sentence
    assert url == reverse("admin:categories_category_change", args=[category.pk])
    assert sentence in said(page)
    response = submit(client, guidance)
    assert response.status_code == 409
    assert sentence in said(response)


def test_an_unfinished_draft_does_not_hold_up_other_changes(guidance, writer, client):
    one, two = guidance.category_set.all()
    edit(one, writer, aim="")
    edit(two, writer, aim="Urgent.")
    client.force_login(writer)
    assert "Mend them, or untick their records" in said(client.get(changes_url(guidance)))
    assert submit(client, guidance, chosen=[str(two.pk)]).status_code == 302
    assert "Urgent." in Submission.objects.get(status="submitted").content_text


def test_what_is_typed_on_several_lines_is_kept_with_plain_line_ends(guidance, writer, client):
    edit(guidance.category_set.get(slug="one"), writer, aim="A plainer aim.")
    client.force_login(writer)
    typed = {"change_note": "One.\r\n\r\nTwo.", "internal_note": "For\r\nErin"}
    assert submit(client, guidance, **typed).status_code == 302
    submission = Submission.objects.get(status="submitted")
    assert (submission.change_note, submission.internal_note) == ("One.\n\nTwo.", "For\nErin")
    assert submission.events.get().why == "For\nErin"


def test_with_nothing_to_submit_the_page_says_so(guidance, writer, client):
    client.force_login(writer)
    page = said(client.get(changes_url(guidance)))
    assert "Nothing differs." in page
    assert "There are no changes, so there is nothing to submit." in page


def test_a_correction_names_the_edition_that_it_corrects(guidance, writer, editor, client):
    client.force_login(writer)
    edition = Edition.objects.get()
    response = client.post(
        changes_url(guidance) + f"?corrects={edition.number}",
        {
            "seen": publishing.seen_digest(guidance),
            "change_note": "It was first published in May.",
            "corrects": edition.number,
            "update_type": "minor",
        },
    )
    assert response.status_code == 302
    act_as_editor = Submission.objects.get(status="submitted")
    publishing.approve(act_as_editor, editor)
    assert Edition.objects.get(number=2).corrects == edition


def test_the_way_to_a_correction_is_open_though_nothing_differs(guidance, writer, client):
    client.force_login(writer)
    page = said(client.get(reverse("admin:categories_edition_change", args=[Edition.objects.get().pk])))
    assert f"{changes_url(guidance)}?corrects=1" in page
    page = said(client.get(f"{changes_url(guidance)}?corrects=1"))
    assert 'value="Submit for approval"' in page
    assert 'name="corrects" value="1"' in page


# Putting back


def test_one_record_gets_its_live_wording_again(guidance, writer, client):
    category = guidance.category_set.get(slug="one")
    edit(category, writer, aim="A mistake.")
    client.force_login(writer)
    url = reverse("admin:categories_guidance_put_back", args=[guidance.pk, category.pk])
    assert url in said(client.get(changes_url(guidance)))
    assert "What you give up" in said(client.get(url))
    category.refresh_from_db()
    assert category.aim == "A mistake."  # looking changes nothing
    seen = client.get(url).context["seen"]
    edit(category, make_user("otto", "Writer"), aim="A newer draft, unseen.")
    response = client.post(url, {"seen": seen, "why": "Too soon"})
    assert response.status_code == 409
    assert "Somebody has changed the guidance since you opened this page." in said(response)
    assert "A newer draft, unseen." in said(response)
    unexplained = client.post(url, {"seen": response.context["seen"], "why": " "})
    assert unexplained.status_code == 409
    assert "Say why you put it back." in said(unexplained)
    assert client.post(url, {"seen": response.context["seen"], "why": "Too\0 soon"}).status_code == 302
    category.refresh_from_db()
    assert category.aim == "Entry to the aligned occupation."
    # PostgreSQL keeps no NUL
    assert category.history.first().history_change_reason == "Put back the wording of edition 1: Too\ufffd soon"
    assert category.history.first().history_user == writer


def test_a_deleted_record_that_was_never_live_has_nothing_to_put_back(guidance, writer, client):
    category = make_category(guidance, "three")
    client.force_login(writer)
    url = reverse("admin:categories_guidance_put_back", args=[guidance.pk, category.pk])
    response = client.post(url)
    assert response.status_code == 409
    assert "This record has no earlier wording to put back: it is new." in said(response)


# Deciding


def test_a_time_is_asked_for_and_said_in_words(waiting, editor, client):
    client.force_login(editor)
    for typed, sentence in (
        ({"when": "later"}, "Give the day and the time at which it goes live."),
        ({"when": "later", "live_at_0": "2099-01-05"}, "Write the time as hours and minutes"),
        ({"when": "now", "live_at_0": "2099-01-05", "live_at_1": "09:00"}, "You gave a time, 9am on 5 January 2099."),
        ({"when": "later", "live_at_0": "5/1/2099", "live_at_1": "09:00"}, "Write the day as year, month and day"),
        ({"when": "soon"}, "Select a valid choice"),
    ):
        response = act(client, waiting, "approve", **typed)
        assert response.status_code == 422
        assert sentence in said(response)
    response = act(client, waiting, "approve", when="later", live_at_0="2020-01-05", live_at_1="09:00")
    assert response.status_code == 409
    assert "Choose a time at least five minutes ahead" in said(response)
    response = act(client, waiting, "approve", when="later", live_at_0="2099-01-05", live_at_1="09:00")
    assert response.status_code == 409
    assert "Choose a time within the next two years." in said(response)
    year = timezone.localdate().year + 1
    response = act(client, waiting, "approve", when="later", live_at_0=f"{year}-01-05", live_at_1="09:00")
    assert response.status_code == 302
    page = said(client.get(page_of(waiting)))
    assert f"Edition 2 is scheduled. It goes live at 9am on 5 January {year} by itself." in page
    scheduled = said(client.get(reverse("admin:categories_edition_scheduled")))
    assert f"goes live at 9am on 5 January {year}" in scheduled
    assert "plainer" in scheduled
    assert f"goes live at 9am on 5 January {year}" in said(client.get(reverse("admin:index")))


@pytest.mark.parametrize(
    ("day", "time", "words"),
    [
        ("2027-03-28", "01:30", "does not exist that night, because the clocks go forward"),
        ("2027-10-31", "01:30", "happens twice that night, because the clocks go back"),
    ],
)
def test_the_hours_that_clocks_leave_out_or_repeat_are_explained(day, time, words, waiting, editor, client):
    client.force_login(editor)
    response = act(client, waiting, "approve", when="later", live_at_0=day, live_at_1=time)
    assert response.status_code == 422
    assert words in said(response)


def test_ordinary_times_are_london_times():
    naive = at_london(2027, 7, 1, 9).replace(tzinfo=None)
    assert london(naive) == at_london(2027, 7, 1, 9)
    assert london(naive).utcoffset() == timedelta(hours=1)


def test_a_rejection_needs_a_reason_and_keeps_it(waiting, writer, editor, client):
    client.force_login(editor)
    response = act(client, waiting, "reject", why=" ")
    assert response.status_code == 409
    assert "Say why you reject it, so that the writer can mend it." in said(response)
    assert act(client, waiting, "reject", why="The month is wrong.").status_code == 302
    client.force_login(writer)
    assert "The month is wrong." in said(client.get(page_of(waiting)))
    assert "What will change" in said(client.get(changes_url(waiting.guidance)))


def test_what_is_decided_already_is_refused_with_the_typed_reason_kept(waiting, editor, client):
    client.force_login(editor)
    publishing.recall(waiting, waiting.submitted_by)
    response = act(client, waiting, "reject", why="Typed for ten minutes.")
    assert response.status_code == 409
    assert "This submission is recalled; only one that waits for approval can be rejected." in said(response)


@pytest.mark.parametrize("how", ["submitted it", "edited, a colleague submitted", "superuser", "import"])
def test_nobody_approves_their_own_work(how, guidance, writer, client):
    is_root = how == "superuser"
    person = make_user("ed", None if is_root else "Editor", is_superuser=is_root)
    category = guidance.category_set.get(slug="one")
    if how == "import":
        with saving(person, "Imported from guidance.json"):
            category.aim = "From the file."
            category.save()
    else:
        edit(category, person, aim="By the approver.")
    submitter = person if how in ("submitted it", "superuser") else writer
    submission = publishing.submit(guidance, submitter, change_note="Better.")
    client.force_login(person)
    page = client.get(page_of(submission))
    assert "somebody else must approve it." in said(page)
    assert 'value="Approve"' not in said(page)
    response = act(client, submission, "approve", when="now")
    assert response.status_code == 409
    assert "somebody else must approve it." in said(response)
    assert Edition.objects.count() == 1


def test_an_emergency_is_flagged_until_a_different_editor_reviews_it(guidance, writer, editor, client):
    ed = make_user("ed", "Editor")
    edit(guidance.category_set.get(slug="one"), ed, aim="It was wrong.")
    submission = publishing.submit(guidance, ed, change_note="Mend it.")
    client.force_login(ed)
    assert "Publish in an emergency" in said(client.get(page_of(submission)))
    response = act(client, submission, "publish-in-emergency", when="now", why="")
    assert "Say why this cannot wait for a second person." in said(response)
    assert act(client, submission, "publish-in-emergency", when="now", why="It misleads people.").status_code == 302
    assert "review due" in said(client.get(reverse("admin:index")))
    assert "You published this, so somebody else must review it." in said(client.get(page_of(submission)))
    assert act(client, submission, "review-afterwards").status_code == 409
    client.force_login(editor)
    assert act(client, submission, "review-afterwards", why="It is right.").status_code == 302
    page = said(client.get(page_of(submission)))
    assert "No second person has reviewed it yet." not in page
    assert "Published in an emergency, without a second person" in page  # the record keeps it
    assert "review due" not in said(client.get(reverse("admin:index")))


def test_when_nobody_else_could_approve_the_page_says_so(guidance, client):
    ed = make_user("ed", "Editor")
    edit(guidance.category_set.get(slug="one"), ed, aim="Alone.")
    submission = publishing.submit(guidance, ed, change_note="Mine.")
    client.force_login(ed)
    page = said(client.get(page_of(submission)))
    assert "Nobody else can approve this:" in page
    assert "Publish in an emergency" in page


def test_an_unscheduled_edition_leaves_its_record(waiting, editor, client):
    publishing.approve(waiting, editor, live_at=timezone.now() + timedelta(days=2))
    client.force_login(editor)
    assert 'value="Unschedule"' in said(client.get(page_of(waiting)))
    assert "Say why you unschedule it." in said(act(client, waiting, "unschedule"))
    assert act(client, waiting, "unschedule", why="Too soon.").status_code == 302
    page = said(client.get(page_of(waiting)))
    assert "Unscheduled" in page
    assert "Too soon." in page
    assert Edition.objects.count() == 1
    assert act(client, waiting, "unschedule", why="Again.").status_code == 409


def test_signing_in_again_leads_back_to_the_submission(waiting, editor, client, settings):
    settings.SECOND_FACTOR = "offered"
    url = reverse("admin:categories_submission_act", args=[waiting.pk, "reject"])
    login = client.post(url, {"reject-why": "x"}).headers["Location"]
    response = client.post(login, {"username": "erin", "password": "correct horse"}, follow=True)
    assert response.status_code == 200
    assert response.request["PATH_INFO"] == page_of(waiting)


# Submitting again


WRITTEN = {
    "change_note": "The aim is plainer.",
    "update_type": "minor",
    "internal_note": "For Erin to read",
}


def sent_back(submission, verb, editor):
    """Send a submission back in one of the three ways; return what the page then says of it."""
    match verb:
        case "reject":
            publishing.reject(submission, editor, why="The month is wrong.")
            return "rejected by Erin Editor", "The month is wrong."
        case "recall":
            publishing.recall(submission, submission.submitted_by, why="I forgot one.")
            return "recalled by Wendy Writer", "I forgot one."
        case "unschedule":
            edition = publishing.approve(submission, editor, live_at=timezone.now() + timedelta(days=2))
            publishing.unschedule(edition, editor, why="Too soon.")
            return "unscheduled by Erin Editor", "Too soon."


@pytest.mark.parametrize("verb", ["reject", "recall", "unschedule"])
def test_what_came_back_is_filled_in_as_it_was_written(verb, guidance, writer, editor, client):
    one, two = guidance.category_set.all()
    edit(one, writer, aim="A plainer aim.")
    edit(two, writer, aim="Not finished.")
    submission = publishing.submit(guidance, writer, chosen={one.pk}, **WRITTEN)
    words = sent_back(submission, verb, editor)
    client.force_login(writer)
    page = client.get(changes_url(guidance))
    form = page.context["form"]
    assert {name: form[name].value() for name in WRITTEN} == WRITTEN
    assert form.ticked == {str(one.pk)}
    anew = client.get(changes_url(guidance) + "?anew=yes").context["form"]
    assert (anew.ticked, anew["change_note"].value()) == ({str(one.pk), str(two.pk)}, None)
    for sentence in (f"{submission}</a>", *words):
        assert sentence in said(page)
    assert submit(client, guidance, **WRITTEN).status_code == 302
    assert Submission.objects.get(status="submitted").record_ids == [str(one.pk)]
    assert said(client.get(changes_url(guidance))).count(words[1]) == 0  # it is submitted again


def test_a_correction_that_came_back_names_its_edition_again(guidance, writer, editor, client):
    edition = Edition.objects.get()
    submission = publishing.submit(guidance, writer, change_note="It was May.", update_type="minor", corrects=edition)
    publishing.reject(submission, editor, why="It was June.")
    client.force_login(writer)
    page = client.get(changes_url(guidance))
    assert page.context["form"]["corrects"].value() == edition.number
    assert "It was June." in said(page)
    assert 'value="Submit for approval"' in said(page)


def test_a_tick_whose_record_differs_no_more_is_gone(guidance, writer, editor, client):
    one, two = guidance.category_set.all()
    edit(one, writer, aim="A plainer aim.")
    edit(two, writer, aim="A better aim.")
    publishing.reject(publishing.submit(guidance, writer, change_note="Both."), editor, why="Only one.")
    publishing.put_back(guidance, two.pk, writer)
    client.force_login(writer)
    page = client.get(changes_url(guidance))
    assert [str(change.id) for change, _ in page.context["changes"]] == [str(one.pk)]
    assert f'id="chosen-{one.pk}" checked' in said(page)
    publishing.put_back(guidance, one.pk, writer)
    assert "Only one." not in said(client.get(changes_url(guidance)))


def test_two_editions_of_one_number_are_told_apart(waiting, writer, editor, client):
    soon = timezone.now() + timedelta(days=2)
    edition = publishing.approve(waiting, editor, live_at=soon)
    publishing.unschedule(edition, editor, why="Too soon.")
    again = publishing.submit(waiting.guidance, writer, change_note="The aim is plainer.")
    later = publishing.approve(again, editor, live_at=soon + timedelta(days=1))
    assert (edition.number, later.number) == (2, 2)
    client.force_login(editor)
    page = re.sub(r"\s+", " ", said(client.get(page_of(waiting))))
    digest = f"edition 2 with the digest <code>{edition.record_digest[:8]}…</code>"
    assert page.count(digest) == 3  # the state, approved, unscheduled
    assert page.count("taken off at") == 2
    assert "until it was taken off at" in page
    assert page.count("The edition 2 that there is now is another one, made since.") == 1
    assert later.record_digest[:8] not in page
    assert later.record_digest[:8] in said(client.get(page_of(again)))


# What is scheduled


@pytest.fixture
def scheduled(guidance, writer, editor):
    """Edition 2, which gives a category another aim in two days."""
    edit(guidance.category_set.get(slug="one"), writer, aim="For later.")
    submission = publishing.submit(guidance, writer, change_note="For later.")
    return publishing.approve(submission, editor, live_at=in_days(2))


def in_days(days: int):
    return (timezone.now() + timedelta(days=days)).replace(second=0, microsecond=0)


def typed_time(live_at) -> dict[str, str]:
    local = timezone.localtime(live_at)
    return {"live_at_0": f"{local:%Y-%m-%d}", "live_at_1": f"{local:%H:%M}"}


def test_a_fix_passes_what_is_scheduled(scheduled, guidance, writer, editor, client):
    edit(guidance.category_set.get(slug="one"), writer, title="One without a typo")
    client.force_login(writer)
    assert client.get(changes_url(guidance)).context["form"]["fix"].value() == "before"
    assert submit(client, guidance, fix="before").status_code == 302
    submission = Submission.objects.get(status="submitted")
    client.force_login(editor)
    page = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", said(client.get(page_of(submission)))))
    assert "It is a fix: it goes before what was scheduled then." in page
    assert "Edition 2 is made again, and goes live at" in page
    assert "[deleted: Entry to the aligned occupation.][inserted: For later.]" in page
    assert act(client, submission, "approve", when="now").status_code == 302
    public = said(client.get(f"/guidance/{guidance.slug}/categories/one/"))
    assert "One without a typo" in public
    assert "For later." not in public
    newest = guidance.editions.newest()
    assert (newest.number, newest.live_at) == (3, scheduled.live_at)
    page = said(client.get(page_of(scheduled.submission)))
    assert "Replaced" in page
    assert page_of(newest.submission) in page


def test_what_the_approver_did_not_see_is_shown_first(scheduled, guidance, writer, editor, client):
    """Composed to follow what is scheduled; published now, it is another text, and so is what is scheduled."""
    edit(guidance.category_set.get(slug="two"), writer, title="Two without a typo")
    client.force_login(writer)
    submit(client, guidance, fix="after")
    submission = Submission.objects.get(status="submitted")
    client.force_login(editor)
    page = client.get(page_of(submission))
    assert "made again" not in said(page)
    form = next(step["form"] for step in page.context["steps"] if step["verb"].name == "approve")
    assert form["when"].value() == "later"
    response = act(client, submission, "approve", when="now")
    assert response.status_code == 409
    assert "something else than what you saw" in said(response)
    assert "Edition 2 is made again" in said(response)
    assert Edition.objects.count() == 2
    form = next(step["form"] for step in response.context["steps"] if step["verb"].name == "approve")
    url = reverse("admin:categories_submission_act", args=[submission.pk, "approve"])
    response = client.post(url, {"approve-when": "now", "approve-seen": form["seen"].value()})
    assert response.status_code == 302
    assert Edition.objects.count() == 3


def test_a_conflict_is_named_to_the_writer_and_to_the_approver(scheduled, guidance, writer, editor, client):
    edit(guidance.category_set.get(slug="two"), writer, aim="Later still.")
    publishing.approve(publishing.submit(guidance, writer, change_note="Second."), editor, live_at=in_days(4))
    edit(guidance.category_set.get(slug="one"), writer, aim="At once.")
    client.force_login(writer)
    page = said(client.get(changes_url(guidance)))
    assert "Category “One”, core aim: edition 2 says “For later.”, and you say “At once.”" in page
    submit(client, guidance, fix="before")
    submission = Submission.objects.get(status="submitted")
    client.force_login(editor)
    page = re.sub(r"\s+", " ", said(client.get(page_of(submission))))
    assert "Edition 2 is unscheduled" in page
    assert f"core aim: {submission} says “At once.”, and edition 2 says “For later.”" in page
    act(client, submission, "approve", when="now")
    front = said(client.get(reverse("admin:index")))
    assert "Unscheduled, and waiting for approval again" in front
    page = client.get(page_of(scheduled.submission))
    form = next(step["form"] for step in page.context["steps"] if step["verb"].name == "approve")
    assert (form["when"].value(), form["live_at"].value()) == ("later", scheduled.live_at)
    assert "Recall it and submit it again" in said(page)
    assert 'value="Approve"' in said(page)  # the form of a time is always there
    assert "What it makes of what is scheduled" not in said(page)  # it cannot be approved so, and makes nothing


def test_the_time_of_what_waits_again_is_told_when_it_is_submitted_anew(scheduled, guidance, writer, editor, client):
    edit(guidance.category_set.get(slug="one"), writer, aim="At once.")
    fix = publishing.submit(guidance, writer, change_note="At once.", fix=True)
    publishing.approve(fix, editor)
    edit(guidance.category_set.get(slug="one"), writer, aim="For later.")
    publishing.recall(scheduled.submission, writer)
    client.force_login(writer)
    page = client.get(changes_url(guidance))
    assert page.context["form"]["change_note"].value() == "For later."
    assert f"It was to go live at {when(scheduled.live_at)}." in said(page)


def test_what_waits_again_is_listed_once(waiting, editor, client):
    for day in (2, 3):
        about = {"edition_number": 2, "live_at": in_days(day)}
        waiting.events.create(verb="unscheduled", by=editor, at=timezone.now(), why=f"For the {day}. time", **about)
    client.force_login(editor)
    front = said(client.get(reverse("admin:index")))
    assert ("For the 2. time" in front, "For the 3. time" in front) == (False, True)


def test_who_can_approve_nothing_sees_what_a_fix_makes_of_their_own_scheduled_work(scheduled, guidance, writer, client):
    edit(guidance.category_set.get(slug="two"), writer, title="Two without a typo")
    fix = publishing.submit(guidance, writer, change_note="A typo.", fix=True)
    client.force_login(writer)
    page = said(client.get(page_of(fix)))
    assert "Edition 2 is made again, and goes live at" in page
    assert "It carries work of" not in page


def test_the_preview_says_that_it_is_what_was_submitted(scheduled, guidance, writer, editor, client):
    edit(guidance.category_set.get(slug="two"), writer, title="Two without a typo")
    submission = publishing.submit(guidance, writer, change_note="Next.")
    client.force_login(editor)
    assert "Preview it on the public pages" in said(client.get(page_of(submission)))
    publishing.unschedule(scheduled, editor, why="Too soon.")
    page = said(client.get(page_of(submission)))
    assert "This is what it says on top of edition 1 now, and what is approved." in page
    assert "Preview it as it was submitted, on the public pages" in page


def test_what_waits_already_is_not_ticked_unless_it_has_changed_since(scheduled, guidance, writer, client):
    one, two = guidance.category_set.all()
    edit(two, writer, aim="Waiting.")
    publishing.submit(guidance, writer, change_note="Next.")
    edit(one, writer, title="One without a typo")
    client.force_login(writer)
    assert client.get(changes_url(guidance)).context["form"].ticked == {str(one.pk)}
    edit(two, writer, aim="Changed again.")
    assert client.get(changes_url(guidance)).context["form"].ticked == {str(one.pk), str(two.pk)}


def test_where_one_way_is_taken_the_form_has_the_other(scheduled, guidance, writer, client):
    one, two = guidance.category_set.all()
    edit(two, writer, title="Two without a typo")
    publishing.submit(guidance, writer, change_note="A typo.", fix=True)
    edit(one, writer, title="One without a typo")
    client.force_login(writer)
    page = client.get(changes_url(guidance))
    assert page.context["form"]["fix"].value() == "after"
    assert "a fix before what is scheduled" in said(page)
    assert submit(client, guidance, fix="after").status_code == 302
    page = said(client.get(changes_url(guidance)))
    assert "already waits for approval" in page
    assert 'value="Submit for approval"' not in page


def test_an_edition_is_rescheduled_on_its_page(scheduled, guidance, writer, editor, client):
    client.force_login(editor)
    live_at = in_days(3)
    response = act(client, scheduled.submission, "reschedule", why=" ", **typed_time(live_at))
    assert response.status_code == 409
    assert "Say why you reschedule it." in said(response)
    response = act(client, scheduled.submission, "reschedule", why="A day later.", live_at_0="", live_at_1="")
    assert response.status_code == 422
    assert act(client, scheduled.submission, "reschedule", why="A day later.", **typed_time(live_at)).status_code == 302
    edition = guidance.editions.newest()
    assert (edition.number, edition.live_at, edition.content_text) == (2, live_at, scheduled.content_text)
    page = said(client.get(page_of(scheduled.submission)))
    assert "Edition 2 is rescheduled." in page
    assert "A day later." in page
    for digest in (scheduled.record_digest[:8], edition.record_digest[:8]):
        assert digest in page
    client.force_login(writer)
    assert act(client, scheduled.submission, "reschedule", why="x", **typed_time(live_at)).status_code == 403


def test_rescheduling_past_another_edition_shows_what_each_then_says(scheduled, guidance, writer, editor, client):
    edit(guidance.category_set.get(slug="two"), writer, aim="For Tuesday.")
    second = publishing.approve(publishing.submit(guidance, writer, change_note="Second."), editor, live_at=in_days(4))
    client.force_login(editor)
    typed = {"why": "First things first.", **typed_time(in_days(6))}
    response = act(client, scheduled.submission, "reschedule", **typed)
    assert response.status_code == 409
    assert "something else than what you saw" in said(response)
    assert said(response).count("is made again, and goes live at") == 2
    form = next(step["form"] for step in response.context["steps"] if step["verb"].name == "reschedule")
    data = {f"reschedule-{name}": value for name, value in (typed | {"seen": form["seen"].value()}).items()}
    url = reverse("admin:categories_submission_act", args=[scheduled.submission.pk, "reschedule"])
    assert client.post(url, data).status_code == 302
    notes = guidance.editions.order_by("number").values_list("change_note", flat=True)
    assert list(notes)[1:] == ["Second.", "For later."]
    assert second.content_text != guidance.editions.get(number=2).content_text


# Previews


def test_a_preview_is_shared_answered_and_revoked(waiting, writer, client):
    client.force_login(writer)
    in_a_week = f"{timezone.localdate() + timedelta(days=7):%Y-%m-%d}"
    response = act(client, waiting, "share-preview", made_for="", expires_at_0="2099-01-05", expires_at_1="09:00")
    assert "Say who the preview is for." in said(response)
    assert "Choose a time within the next 90 days for the link to expire." in said(response)
    typed = {"made_for": "A college", "expires_at_0": in_a_week, "expires_at_1": "09:00"}
    assert act(client, waiting, "share-preview", **typed).status_code == 302
    page = client.get(page_of(waiting))
    [row] = page.context["links"]
    client.logout()
    assert "A plainer aim." in said(client.get(row["address"] + "categories/one/"))
    client.force_login(writer)
    assert act(client, waiting, "record-answer", answer="It reads well.").status_code == 302
    revoke = reverse("admin:categories_submission_revoke", args=[waiting.pk, row["link"].pk])
    assert client.post(revoke).status_code == 302
    assert client.post(revoke).status_code == 302  # sent twice, it is told the same
    page = said(client.get(page_of(waiting)))
    assert "It reads well." in page
    assert row["link"].token not in page
    assert client.get(row["address"]).status_code == 404


def test_a_link_is_shown_while_it_works_to_those_who_may_share_it(waiting, writer, client):
    week = timedelta(days=7)
    over = publishing.share_preview(waiting, writer, made_for="A college", at=timezone.now() - week)
    link = publishing.share_preview(waiting, writer, made_for="A school")
    client.force_login(writer)
    page = client.get(page_of(waiting))
    addresses = {row["link"]: row["address"] for row in page.context["links"]}
    assert addresses == {over: "", link: f"http://testserver/preview/{link.token}/"}
    assert over.token not in said(page)
    assert said(page).count("Worked until") == 1
    client.force_login(make_reader("rita"))
    page = said(client.get(page_of(waiting)))
    assert "A school" in page
    assert page.count("Worked until") == page.count("Works until") == 1
    assert link.token not in page
    assert "/revoke/" not in page


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (None, []),
        ("Writer", ["recall", "share-preview", "record-answer"]),
        ("Editor", ["approve", "reject", "recall", "share-preview", "record-answer"]),
    ],
)
def test_each_role_is_offered_what_it_may_do(role, offered, waiting, writer, client):
    publishing.share_preview(waiting, writer, made_for="A college")
    client.force_login(make_user("otto", role) if role else make_reader("otto"))
    page = client.get(page_of(waiting))
    assert re.findall(r'class="app-step" id="([a-z-]+)"', said(page)) == offered


# The front page, and roles


def test_the_front_page_says_what_needs_doing(guidance, writer, editor, client):
    client.force_login(writer)
    assert "Nothing waits." in said(client.get(reverse("admin:index")))
    edit(guidance, writer, review_by=timezone.localdate() - timedelta(days=1))
    edit(guidance.category_set.get(slug="one"), writer, aim="A plainer aim.")
    page = said(client.get(reverse("admin:index")))
    assert "1 record of Guidance for tests</a>, which differs" in page
    assert "Past the review date" in page
    publishing.submit(guidance, writer, change_note="The aim is plainer.")
    assert "Submitted by you, waiting for somebody else" in said(client.get(reverse("admin:index")))
    client.force_login(make_user("otto", "Writer"))
    assert "Waiting for others" in said(client.get(reverse("admin:index")))
    client.force_login(editor)
    assert "Waiting for you" in said(client.get(reverse("admin:index")))


def test_a_working_copy_that_cannot_be_read_is_explained_not_a_500(guidance, writer, client):
    test = make_approval_test(guidance, "another-test")
    test.name = ""
    test.save()  # past the form, as a script might
    client.force_login(writer)
    for url in (
        changes_url(guidance),
        reverse("admin:index"),
        reverse("admin:categories_guidance_change", args=[guidance.pk]),
        reverse("admin:categories_category_changelist"),
    ):
        assert client.get(url).status_code == 200
    assert "Mend this first:" in said(client.get(changes_url(guidance)))
    assert client.post(changes_url(guidance), {"change_note": "x", "update_type": "major"}).status_code == 409


def test_a_link_that_leads_nowhere_is_named_to_writer_and_reviewer(guidance, writer, editor, client):
    category = guidance.category_set.get(slug="one")
    edit(category, writer, example=f"See [it](/guidance/{guidance.slug}/categories/no-such-category/).")
    client.force_login(writer)
    page = said(client.get(changes_url(guidance)))
    assert "no-such-category/. It leads to no category of this guidance." in page
    assert reverse("admin:categories_category_change", args=[category.pk]) in page
    assert submit(client, guidance).status_code == 302  # the page may come
    client.force_login(editor)
    submission = Submission.objects.latest("pk")
    assert "no-such-category/. It leads to no category of this guidance." in said(client.get(page_of(submission)))
    edit(category, writer, example=f"See [it](/guidance/{guidance.slug}/categories/two/).")
    assert "leads to no" not in said(client.get(changes_url(guidance)))
