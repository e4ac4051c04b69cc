"""Staff compare any two editions, live or scheduled."""

import pytest
from django.urls import reverse

from categories.models import Edition
from tests.factories import altered, london, make_reader, make_user, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def editions(fixture_content):
    first = publish(altered(fixture_content, summary="One."), london(2026, 9, 1))
    second = publish(altered(fixture_content, summary="Two."), london(2026, 9, 2))
    third = publish(altered(fixture_content, summary="Three."), london(2999, 9, 3))
    return [first, second, third]


def url(edition):
    return reverse("admin:categories_edition_compare", args=[edition.pk])


def test_any_two_are_compared_from_the_older_to_the_newer(client, editions):
    client.force_login(make_reader("rita"))
    first, _, third = editions
    for edition, other in ((first, third), (third, first)):
        page = client.get(url(edition), {"other": other.number}).content.decode()
        assert "Edition 1 and edition 3" in page
        assert "[deleted: </span>One.<" in page
        assert "[inserted: </span>Three.<" in page
        assert "Two." not in page


def test_the_page_of_an_edition_asks_for_another(client, editions):
    client.force_login(make_user("wendy", "Writer"))
    page = client.get(reverse("admin:categories_edition_change", args=[editions[1].pk])).content.decode()
    assert f'action="{url(editions[1])}"' in page


@pytest.mark.parametrize(
    ("other", "said"),
    [("9", "There is no edition 9"), ("x", "is not the number of an edition"), ("", "Give the number of an edition.")],
)
def test_what_cannot_be_compared_is_said(client, editions, other, said):
    client.force_login(make_user("wendy", "Writer"))
    response = client.get(url(editions[0]), {"other": other})
    assert response.status_code == 422
    assert said in response.content.decode()


def test_nothing_asked_nothing_told(client, editions):
    client.force_login(make_user("wendy", "Writer"))
    response = client.get(url(editions[0]))
    assert response.status_code == 200
    assert Edition.objects.count() == 3
