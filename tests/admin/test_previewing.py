"""The preview beside the form of what has a page: that page, from what is typed and not saved."""

import pytest
from django.urls import reverse

from categories.models import ApprovalTest, Category, Guidance
from tests.factories import (
    make_approval_test,
    make_category,
    make_cohort,
    make_guidance,
    make_reader,
    make_relationship,
    make_user,
    publish_loaded,
)
from tests.forms import typed
from tests.html import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def category(client):
    guidance = make_guidance()
    category = make_category(guidance, "one")
    make_category(guidance, "two")
    publish_loaded(guidance)
    client.force_login(make_user("wendy", "Writer"))
    return category


def change_url(category) -> str:
    return reverse("admin:categories_category_change", args=[category.pk])


def preview(client, category, **fields):
    data = typed(client, change_url(category), **({"internal_note": ""} | fields))
    return client.post(reverse("admin:categories_category_preview", args=[category.pk]), data)


def test_it_is_the_public_page_of_what_is_typed(category, client):
    extra, adults = make_approval_test(category.guidance, "extra"), make_cohort(category.guidance, "adults")
    fields = {"title": "A title to be", "aim": "An *aim* to be.", "approval_tests": [extra], "cohorts": [adults]}
    before = category.history.count()
    page = Page(preview(client, category, **fields))
    assert page.h1 == "A title to be"
    assert "<em>aim</em>" in page.text
    assert "Extra" in page.main
    assert "Adults" in page.main
    assert "It shows what is typed in the form, saved or not." in page.text
    assert category.history.count() == before
    assert Category.objects.get(pk=category.pk).title == "One"


def test_it_may_stand_in_a_frame_of_this_site_alone(category, client):
    response = preview(client, category)
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store, private"
    form = client.get(change_url(category))
    assert "frame-src 'self'" in form.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in form.headers["Content-Security-Policy"]
    assert "frame-src" not in client.get("/admin/").headers["Content-Security-Policy"]


def test_a_new_address_and_place_are_no_obstacle(category, client):
    page = Page(preview(client, category, slug="a-new-address", after=""))
    assert page.h1 == "One"


def test_a_new_category_is_shown_before_it_is_added(category, client):
    url = reverse("admin:categories_category_add")
    relationship = make_relationship(category.guidance)
    fields = {"title": "Three", "slug": "three", "aim": "A new aim.", "relationship": relationship}
    data = typed(client, url, **fields, internal_note="")
    page = Page(client.post(reverse("admin:categories_category_preview_new"), data))
    assert page.h1 == "Three"
    assert not Category.objects.filter(slug="three").exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": ""}, "Title: This field is required."),
        ({"availability_0_year": "2027"}, "Step 1: choose the month of its year"),
        ({"aim": "[x](javascript:alert(1))"}, "must begin with https://"),
    ],
)
def test_what_cannot_be_shown_says_why(fields, sentence, category, client):
    response = preview(client, category, **fields)
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_only_whoever_may_edit_sees_it_and_only_by_post(category, client):
    data = typed(client, change_url(category))
    url = reverse("admin:categories_category_preview", args=[category.pk])
    assert client.get(url).status_code == 405
    client.force_login(make_reader("rita"))
    assert client.post(url, data).status_code == 403


# What else has a page


def test_the_page_of_a_test_is_shown_from_what_is_typed(category, client):
    test = make_approval_test(category.guidance, "extra")
    category.approval_tests.add(test)
    url = reverse("admin:categories_approvaltest_change", args=[test.pk])
    data = typed(client, url, name="Another name", slug="another", description="It *means* this.", internal_note="")
    page = Page(client.post(reverse("admin:categories_approvaltest_preview", args=[test.pk]), data))
    assert page.h1 == "Another name"
    assert "<em>means</em>" in page.text
    assert "One" in page.main
    data = typed(client, reverse("admin:categories_approvaltest_add"), name="A third", slug="third", internal_note="")
    assert Page(client.post(reverse("admin:categories_approvaltest_preview_new"), data)).h1 == "A third"
    assert not ApprovalTest.objects.filter(slug="third").exists()
    test.refresh_from_db()
    assert test.name == "Extra"


def test_the_guidance_page_is_shown_from_what_is_typed(category, client):
    guidance = category.guidance
    url = reverse("admin:categories_guidance_change", args=[guidance.pk])
    typed_in = {"title": "Guidance to be", "slug": "to-be", "introduction": "First *this*.", "links": "It /x/"}
    data = typed(client, url, **typed_in, internal_note="")
    response = client.post(reverse("admin:categories_guidance_preview", args=[guidance.pk]), data)
    assert response.status_code == 422  # said as in any form
    assert "web address" in response.content.decode()
    data |= {"links": ["It https://www.example.org/x/"]}
    page = Page(client.post(reverse("admin:categories_guidance_preview", args=[guidance.pk]), data))
    assert page.h1 == "Guidance to be"
    assert "<em>this</em>" in page.text
    assert page.links["It"] == "https://www.example.org/x/"
    assert "One" in page.main
    guidance.refresh_from_db()
    assert guidance.title == "Guidance for tests"


def test_guidance_that_is_to_be_added_is_shown_without_categories(category, client):
    client.force_login(make_user("sue", is_superuser=True))
    fields = {"title": "New guidance", "slug": "new", "publisher": "Skills England", "applies_to": "England"}
    data = typed(client, reverse("admin:categories_guidance_add"), **fields, internal_note="")
    page = Page(client.post(reverse("admin:categories_guidance_preview_new"), data))
    assert page.h1 == "New guidance"
    assert not Guidance.objects.filter(slug="new").exists()
