"""E-mail alerts: the life of a subscription, as its reader, their mail program and scanners of links live it."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from categories.content.canonical import dump
from categories.content.schema import Content
from categories.models import (
    AnnouncementLine,
    Edition,
    Follower,
    Letter,
    Message,
    News,
    Subscription,
    Tries,
    subscription,
)
from categories.models.outbox import post
from categories.models.subscription import weekly_after
from categories.public import alerts, resolver, telling
from categories.publishing import mail_queue
from categories.publishing.announcements import line_of, taken_back, write
from tests import factories, mail, smtp
from tests.factories import london
from tests.html import Page

pytestmark = pytest.mark.django_db

SLUG = "technical-qualification-categories"
G = f"/guidance/{SLUG}/"
ENTRY = "level-2-occupational-entry-16-to-19-and-adults"
OTHER = "level-3-t-level"
NOW = london(2027, 3, 3, 12)
LATER = NOW + timedelta(hours=1)
USUAL = {"address": "ann@example.org", "at_once": "on", "months": "on"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def content(fixture_content: Content) -> Content:
    factories.publish(fixture_content)
    return fixture_content


@pytest.fixture
def server(settings: Any) -> Any:
    settings.SITE_ADDRESS = "http://testserver"
    with smtp.serving() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.server_address
        yield running


def at(client: Client, moment: Any, method: str, address: str, *args: Any, **headers: Any) -> Any:
    with time_machine.travel(moment, tick=False):
        return getattr(client, method)(address, *args, headers=headers)


def ask(client: Client, moment: Any = NOW, query: str = "", headers: Any = None, **chosen: Any) -> Any:
    posted = {name: value for name, value in (USUAL | chosen).items() if value is not None}
    return at(client, moment, "post", f"{G}alerts/{query}", posted, **(headers or {}))


def links(text: str) -> list[str]:
    return [urlsplit(found).path for found in re.findall(r"http://testserver(/alerts/[^\s\"<>]+)", text)]


def confirmed(client: Client, query: str = "", **chosen: Any) -> Subscription:
    """Ask, and confirm, an hour before NOW."""
    mail.forget()
    ask(client, NOW - timedelta(hours=1), query, **chosen)
    [message] = mail.written()
    [link] = re.findall(r"/alerts/confirm/\S+/", message.body)
    assert at(client, NOW - timedelta(hours=1), "post", link).status_code == 200
    mail.forget()
    return Subscription.objects.order_by("-pk").first()


def tell(moment: Any = LATER) -> list[Message]:
    telling.tell(lambda: moment)
    return [message for message in mail.written() if message.letter]


def say(content: Content, slug: str = ENTRY, live_at: Any = NOW, **options: Any) -> Content:
    """Publish an edition that says the aim of a category otherwise."""
    found = factories.with_category(content, slug, aim=f"The aim is another one, since {live_at:%B %Y}.")
    factories.publish(found, live_at, **options)
    return found


def subjects() -> list[str]:
    return [message.subject for message in mail.written()]


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Follower, Subscription, Message, Letter, News)]


def test_the_life_of_an_alert(client: Client, server: Any, content: Content) -> None:
    Page(at(client, NOW, "get", f"{G}alerts/"))
    answer = ask(client, query=f"?category={ENTRY}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/alerts/asked/")
    Page(at(client, NOW, "get", "/alerts/asked/"))
    mail_queue.send_due(lambda: NOW)
    [letter] = server.letters
    text = letter.get_payload(decode=True).decode()
    [confirm] = links(text)
    assert "Level 2 occupational entry" in text
    assert Subscription.objects.confirmed().count() == 0

    Page(at(client, NOW, "get", confirm))
    assert Subscription.objects.confirmed().count() == 0
    Page(at(client, NOW, "post", confirm))
    alert = Subscription.objects.confirmed().get()
    Page(at(client, NOW, "post", confirm))  # twice does no harm
    say(content, live_at=LATER, change_note="A better <aim>.")
    call = london(2027, 3, 3, 14)
    assert telling.tell(lambda: call) == 1
    mail_queue.send_due(lambda: call)
    told = server.letters[-1]
    plain, html = (part.get_payload(decode=True).decode().replace("\r\n", "\n") for part in told.get_payload())
    assert told["Subject"].startswith("Level 2 occupational entry")
    assert "A better <aim>." in plain and "A better &lt;aim&gt;." in html
    assert "[deleted: " in plain and "March 2027.]" in plain
    assert "<ins>[inserted: " in html and "<del>[deleted: " in html
    assert f"http://testserver{G}updates/2/" in plain and f"http://testserver{G}categories/{ENTRY}/" in plain
    assert "edition 2\nsha256 " in plain  # the head of the record
    assert "<img" not in html and "src=" not in html
    end, change = dict.fromkeys(links(plain))
    assert told["List-Unsubscribe"].strip() == f"<http://testserver{end}>"  # it may be folded
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert set(links(html)) == {end, change}

    page = Page(at(client, call, "get", change))
    assert "ann@example.org" not in page.text
    answer = at(client, call, "post", change, {"alert": alert.pk, "save": "", "weekly": "on", "day": "4"})
    assert "Your choices are saved" in Page(answer).text
    alert.refresh_from_db()
    assert (alert.at_once, alert.weekly, alert.weekly_due_at) == (False, 4, london(2027, 3, 5, 8))

    at(client, call, "post", end)  # without what makes it one click
    assert Subscription.objects.count() == 1
    assert at(client, call, "post", end, ONE_CLICK).status_code == 200
    assert [model.objects.count() for model in (Follower, Subscription, Message)] == [0, 0, 0]
    for method in ("get", "post"):  # it works for ever
        assert "ended" in Page(at(client, call, method, end, ONE_CLICK if method == "post" else {})).text
    assert at(client, call, "get", change).status_code == 404


def test_whoever_follows_every_link_changes_nothing(client: Client, server: Any, content: Content) -> None:
    confirmed(client, weekly="on", day="0")
    ask(client, address="bob@example.org")
    say(content)
    tell()
    mail_queue.send_due(lambda: LATER)
    before = everything()
    text = "".join(str(part.get_payload(decode=True)) for one in server.letters for part in one.walk())
    found = {link.replace("\\n", "") for link in re.findall(r"http://testserver(/[^\s\"<>\\)]+)", text)}
    assert len([link for link in found if link.startswith("/alerts/")]) == 3
    for link in sorted(found):
        for method in ("get", "head", "options"):
            answer = at(client, LATER, method, link)
            assert answer.status_code in (200, 204, 405), link
            assert not answer.cookies
    assert everything() == before


@pytest.mark.parametrize("known", [True, False])
def test_the_answer_does_not_tell_whether_an_address_is_known(client: Client, content: Content, known: bool) -> None:
    if known:
        confirmed(client)
    answer = ask(client, address="ANN@example.org")
    assert (answer.status_code, answer.headers["Location"], answer.content) == (302, "/alerts/asked/", b"")
    assert answer.headers["Cache-Control"] == "no-store"
    [message] = mail.written()
    assert ("You have alerts already" in message.body) == known  # said in the mail alone


def test_nobody_changes_an_alert_by_asking_again_until_its_owner_confirms(client: Client, content: Content) -> None:
    alert = confirmed(client)
    ask(client, at_once=None, weekly="on", day="2")
    alert.refresh_from_db()
    assert alert.chosen == {"at_once": True, "weekly": None, "minor": False, "months": True}
    [message] = mail.written()
    [link] = re.findall(r"/alerts/confirm/\S+/", message.body)
    at(client, NOW, "post", link)
    [kept] = Subscription.objects.all()
    assert (kept.pk, kept.end_key, kept.at_once, kept.weekly) == (alert.pk, alert.end_key, False, 2)
    assert at(client, NOW, "post", link).status_code == 404


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"address": ""}, "Enter your e-mail address"),
        ({"address": "ann"}, "correct format"),
        ({"address": f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.org"}, "correct format"),
        ({"address": "ann@example.org\r\nBcc: bob@example.org"}, "correct format"),
        ({"address": "ann\x00@example.org"}, "correct format"),
        ({"address": "ann@[127.0.0.1]"}, "a domain name after the @"),
        ({"address": "ann@[IPv6:::1]"}, "correct format"),
        ({"address": "ann@127.0.0.10"}, "correct format"),
        ({"address": "ann@LOCALHOST"}, "correct format"),
        ({"address": "ann@localhost"}, "a domain name after the @"),
        ({"address": "ann@mail.localhost"}, "a domain name after the @"),
        ({"address": "ann@example.org", "at_once": None}, "Choose how often"),
        ({"weekly": "on", "day": "7"}, "Choose the day"),
        ({"weekly": "on", "day": "²"}, "Choose the day"),
    ],
)
def test_what_is_wrong_with_a_form_is_said(client: Client, content: Content, chosen: Any, said: str) -> None:
    answer = ask(client, **chosen)
    assert answer.status_code == 422
    page = Page(answer)
    assert said in page.text and page.title.startswith("Error: ")
    assert not Follower.objects.exists() and not mail.written()


@pytest.mark.parametrize(
    ("query", "said"), [("", "a search of “{}”"), ("&level=2&cohort=adults", "a search of “{}”: level 2 and adults")]
)
def test_nobody_has_their_own_words_sent_to_a_mailbox(client: Client, content: Content, query: str, said: str) -> None:
    ask(client, query=f"?q=You+won+at+https://evil.example{query}", address="victim@example.org")
    [message] = mail.written()
    assert "evil" not in message.subject + message.body and "won" not in message.subject + message.body
    assert message.subject == f"Confirm your alert: {said.format(content.title)}"
    assert f"e-mail about {said.format(content.title)}, at once." in message.body
    [link] = re.findall(r"/alerts/confirm/\S+/", message.body)
    for method in ("get", "post"):
        assert "the words “You won at https://evil.example”" in Page(at(client, NOW, method, link)).text


@pytest.mark.parametrize("query", ["?category=no", "?level=9", "?level=x&level=2", "?cohort=%00", "?q=" + "x" * 300])
def test_what_cannot_be_followed_is_said(client: Client, content: Content, query: str) -> None:
    page = Page(at(client, NOW, "get", f"{G}alerts/{query}"))
    assert "There is nothing to follow" in page.text
    assert "address" not in [field.get("name") for field in page.all("input")]
    assert ask(client, query=query).status_code == 422
    assert not Follower.objects.exists()


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_a_form_of_another_site_is_refused(client: Client, content: Content, headers: Any) -> None:
    answer = ask(client, headers=headers)
    assert answer.status_code == 403 and "another website" in Page(answer).text
    assert not Follower.objects.exists()
    assert ask(client, headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}).status_code == 302


def test_an_address_and_a_network_can_be_asked_for_so_often(client: Client, content: Content) -> None:
    for _ in range(5):
        assert ask(client).status_code == 302
    for spelt in ("ANN@example.org", "ann+1@example.org", "Ann+a+b@Example.org"):
        assert ask(client, address=spelt).status_code == 429
    answer = ask(client)
    assert answer.status_code == 429 and "from midday on 4 March 2027" in Page(answer).text
    for number in range(15):
        assert ask(client, address=f"{number}@example.org").status_code == 302
    assert ask(client, address="new@example.org").status_code == 429
    assert ask(client, NOW + timedelta(hours=1), address="new@example.org").status_code == 302


def test_all_together_can_ask_for_so_many_an_hour(client: Client, content: Content, monkeypatch: Any) -> None:
    monkeypatch.setattr(alerts, "OF_ALL", 3)

    def ask_of(number: int, moment: Any = NOW) -> Any:
        client.defaults["REMOTE_ADDR"] = f"192.0.2.{number}"
        return ask(client, moment, address=f"{number}@{number}.example.org")

    assert [ask_of(number).status_code for number in range(5)] == [302] * 3 + [429] * 2
    assert "You can ask again from 1pm" in Page(ask_of(5)).text
    assert len(mail.written()) == 3
    assert ask_of(6, NOW + timedelta(hours=1)).status_code == 302


def test_what_is_refused_is_not_written_down(client: Client, content: Content, monkeypatch: Any) -> None:
    monkeypatch.setattr(alerts, "OF_NETWORK", 3)
    answers = [ask(client, address=f"{number}@example.org").status_code for number in range(30)]
    assert answers == [302] * 3 + [429] * 27
    assert Tries.objects.count() == 3 + 2  # the addresses that were admitted, the network, and the site


def test_no_answer_about_alerts_is_kept_but_the_form(client: Client, reader: Any, content: Content) -> None:
    alert = confirmed(client)
    with time_machine.travel(NOW, tick=False):
        for address in (f"/alerts/{alert.follower.key}/", f"/alerts/end/{alert.end_key}/"):
            answer = reader.get(address)
            assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
        assert reader.door.state().answers == 0
        assert reader.get(f"{G}alerts/?category={ENTRY}").headers["Cache-Control"].startswith("public")
        assert reader.door.state().answers == 1


@pytest.mark.parametrize(
    ("query", "slug", "is_told"),
    [
        ("", OTHER, True),
        (f"?category={ENTRY}", ENTRY, True),
        (f"?category={ENTRY}", OTHER, False),
        ("?level=2", ENTRY, True),
        ("?level=2", OTHER, False),
        ("?level=3&cohort=adults", OTHER, False),
    ],
)
def test_who_follows_something_is_told_of_that_alone(
    client: Client, content: Content, query: str, slug: str, is_told: bool
) -> None:
    confirmed(client, query)
    say(content, slug)
    assert bool(tell()) == is_told


def test_what_a_filter_no_longer_finds_is_told_once(client: Client, content: Content) -> None:
    confirmed(client, "?level=2")
    gone = factories.with_category(content, ENTRY, levels=(3,))
    factories.publish(gone, NOW)
    assert len(tell()) == 1
    say(gone, live_at=LATER)
    assert len(tell(LATER + timedelta(hours=1))) == 1


def test_minor_updates_are_told_to_whoever_asks(client: Client, content: Content) -> None:
    confirmed(client)
    confirmed(client, address="bob@example.org", minor="on")
    say(content, update_type="minor")
    assert [message.to for message in tell()] == ["bob@example.org"]


def test_a_month_that_comes_is_told_without_an_edition(client: Client, content: Content) -> None:
    coming = factories.with_category(content, ENTRY, availability=({"state": "in-scope", "from": "2027-04"},))
    factories.publish(coming, london(2027, 1, 1))
    confirmed(client, f"?category={ENTRY}")
    confirmed(client, f"?category={OTHER}", address="bob@example.org")
    confirmed(client, address="cem@example.org", months=None)
    assert tell(london(2027, 3, 31, 23)) == []
    [message] = tell(london(2027, 4, 1, 0, 1))
    assert message.to == "ann@example.org"
    assert message.subject.endswith("April 2027 has come")
    assert "Level 2 occupational entry technical qualifications - 16 to 19 and adults: In scope from April 2027" in (
        message.letter.text
    )
    assert len(tell(london(2027, 4, 2))) == 1  # and never again


def test_nobody_is_told_before_it_counts_nor_twice(client: Client, content: Content) -> None:
    confirmed(client)
    say(content, live_at=LATER)
    assert tell(LATER - timedelta(seconds=1)) == []
    assert len(tell(LATER)) == 1
    assert len(tell(LATER)) == 1
    say(content, OTHER, live_at=LATER + timedelta(hours=1))
    assert len(tell(LATER + timedelta(hours=1))) == 2


def test_what_came_before_an_alert_was_confirmed_is_not_told(client: Client, content: Content) -> None:
    say(content, live_at=NOW - timedelta(hours=2))
    confirmed(client)
    assert tell() == []


def test_what_came_while_nothing_ran_is_told_late(client: Client, content: Content) -> None:
    confirmed(client)
    two = say(content)
    three = say(two, OTHER, live_at=LATER)
    say(three, OTHER, live_at=LATER + timedelta(days=40))
    assert [message.told for message in tell(LATER + timedelta(days=50))] == ["edition 2", "edition 3", "edition 4"]


def test_what_a_filter_finds_stands_whole_in_the_subject(client: Client, content: Content) -> None:
    confirmed(client, "?level=2")
    say(content)
    [message] = tell()
    assert message.subject.startswith(f"“{content.title}”: ")


def test_a_weekly_mail_tells_all_since_the_last_one(client: Client, content: Content) -> None:
    confirmed(client, at_once=None, weekly="on", day="0")  # NOW is a Wednesday
    two = say(content)
    three = say(two, OTHER, live_at=LATER)
    say(three, OTHER, live_at=LATER + timedelta(minutes=1), update_type="minor")
    assert tell(london(2027, 3, 8, 7, 59)) == []
    [message] = tell(london(2027, 3, 8, 8))
    assert message.subject == f"{content.title}: 2 updates"
    assert "Edition 2, major" in message.letter.text and "Edition 3, major" in message.letter.text
    assert "Edition 4" not in message.letter.text
    assert len(tell(london(2027, 3, 15, 8))) == 1  # nothing new, so nothing is sent


def test_another_day_of_the_week_loses_nothing(client: Client, content: Content) -> None:
    alert = confirmed(client, at_once=None, weekly="on", day="3")
    assert tell(london(2027, 3, 4, 8)) == []
    say(content, live_at=london(2027, 3, 6))
    alert.refresh_from_db()
    alert.choose(london(2027, 3, 9), **(alert.chosen | {"weekly": 0}))
    assert len(tell(london(2027, 3, 15, 8))) == 1


def test_weekly_and_at_once_are_two(client: Client, content: Content) -> None:
    confirmed(client, weekly="on", day="4")
    say(content)
    assert len(tell()) == 1
    assert [message.told for message in tell(london(2027, 3, 5, 8))] == ["edition 2", "week to 2027-03-05"]


def test_from_at_once_to_weekly_repeats_nothing_and_loses_nothing(client: Client, content: Content) -> None:
    alert = confirmed(client)
    two = say(content)
    assert [message.told for message in tell()] == ["edition 2"]
    three = say(two, OTHER, live_at=LATER)
    telling.note(resolver.current_of(alert.guidance_id, LATER), NOW)  # known, but told to nobody yet
    alert.choose(LATER, **(alert.chosen | {"at_once": False, "weekly": 4}))
    say(three, live_at=LATER + timedelta(hours=1))
    weekly = tell(london(2027, 3, 5, 8))[-1]
    assert weekly.told == "week to 2027-03-05" and weekly.subject == f"{content.title}: 2 updates"
    assert "Edition 2," not in weekly.letter.text and "Edition 3," in weekly.letter.text
    assert len(tell(london(2027, 3, 12, 8))) == 2


def test_from_weekly_to_at_once_tells_what_the_week_had_once(client: Client, content: Content) -> None:
    alert = confirmed(client, at_once=None, weekly="on", day="4")
    assert tell(london(2027, 3, 5, 8)) == []
    two = say(content, live_at=london(2027, 3, 6))
    assert tell(london(2027, 3, 6)) == []
    three = say(two, OTHER, live_at=london(2027, 3, 7))
    alert.choose(london(2027, 3, 8), **(alert.chosen | {"at_once": True, "weekly": None}))
    four = say(three, live_at=london(2027, 3, 8, 1))
    found = tell(london(2027, 3, 8, 2))
    assert [message.told for message in found] == ["edition 3", "edition 4", "weekly until 2027-03-08T00:00:00"]
    assert "Edition 2," in found[-1].letter.text
    assert "Edition 3," not in found[-1].letter.text and "Edition 4," not in found[-1].letter.text
    alert.refresh_from_db()
    assert alert.weekly_due_at is None
    say(four, OTHER, live_at=london(2027, 3, 10))
    assert [message.told for message in tell(london(2027, 3, 19))][3:] == ["edition 5"]


def test_a_change_of_mind_on_the_day_of_the_weekly_mail_loses_nothing(client: Client, content: Content) -> None:
    alert = confirmed(client, at_once=None, weekly="on", day="4")
    two = say(content)
    assert len(tell(london(2027, 3, 5, 8))) == 1
    say(two, OTHER, live_at=london(2027, 3, 5, 9))
    assert len(tell(london(2027, 3, 5, 9))) == 1
    alert.choose(london(2027, 3, 5, 10), **(alert.chosen | {"at_once": True, "weekly": None}))
    alert.choose(london(2027, 3, 5, 10), **(alert.chosen | {"minor": True}))
    assert "Edition 3," in tell(london(2027, 3, 5, 11))[1].letter.text
    assert len(tell(london(2027, 3, 5, 12))) == 2


def test_a_filter_is_followed_through_new_names_and_says_when_it_cannot_be(client: Client, content: Content) -> None:
    confirmed(client, "?approval=employer-demand-test")
    renamed = factories.with_test(content, "employer-demand-test", slug="demand-test")
    categories = tuple(
        category.model_copy(
            update={"approval_tests": tuple(x.replace("employer-demand", "demand") for x in category.approval_tests)}
        )
        for category in renamed.categories
    )
    renamed = factories.altered(renamed, categories=[category.model_dump() for category in categories])
    factories.publish(renamed, NOW)
    mail.forget()
    say(renamed, live_at=LATER)
    [message] = tell(LATER + timedelta(minutes=1))[-1:]
    assert "cannot be used" not in message.letter.text
    Subscription.objects.update(about="level=9")
    say(renamed, OTHER, live_at=LATER + timedelta(hours=1))
    message = tell(LATER + timedelta(hours=2))[-1]
    assert "Your filter cannot be used any more" in message.letter.text


def test_many_are_told_the_same_words_once_in_few_queries(
    client: Client, content: Content, monkeypatch: Any, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(telling, "BATCH", 4)
    alert = confirmed(client)
    followers = [Follower(address=f"{number}@example.org") for number in range(10)]
    Follower.objects.bulk_create(followers)
    Subscription.objects.bulk_create(
        Subscription(
            follower=follower, guidance_id=alert.guidance_id, made_at=alert.made_at, confirmed_at=alert.confirmed_at,
            **alert.chosen,
        )
        for follower in Follower.objects.exclude(pk=alert.follower_id)
    )  # fmt: skip
    say(content)
    with django_assert_max_num_queries(60):
        assert len(tell()) == 11
    assert Letter.objects.count() == 1
    assert len({message.message_id for message in mail.written()}) == 11


def test_a_teller_that_is_stopped_half_way_goes_on(client: Client, content: Content, monkeypatch: Any) -> None:
    monkeypatch.setattr(telling, "BATCH", 1)
    for name in ("ann", "bob", "cem"):
        confirmed(client, address=f"{name}@example.org")
    say(content)
    batches = telling.Teller._batches

    def stopped(teller: Any, news: Any) -> Any:
        yield next(batches(teller, news))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(telling.Teller, "_batches", stopped)
        telling.tell(lambda: LATER)
    assert len(mail.written()) == 1
    assert sorted(message.to for message in tell()) == ["ann@example.org", "bob@example.org", "cem@example.org"]


def test_an_address_that_is_refused_again_and_again_is_erased(client: Client, server: Any, content: Content) -> None:
    confirmed(client)
    server.to_rcpt["ann"] = "550 no such person"
    found = content
    for week in range(3):
        assert Follower.objects.count() == 1
        moment = NOW + timedelta(weeks=week)
        found = say(found, live_at=moment)
        tell(moment)
        mail_queue.send_due(lambda moment=moment: moment)
    assert not Follower.objects.exists() and not Message.objects.exists()


def test_one_refusal_among_others_ends_nothing(client: Client, server: Any, content: Content) -> None:
    confirmed(client)
    found = content
    for week, said in enumerate(("550 full", "550 full", "250 ok", "550 full", "550 full")):
        server.to_rcpt["ann"] = said
        moment = NOW + timedelta(weeks=week)
        found = say(found, live_at=moment)
        tell(moment)
        mail_queue.send_due(lambda moment=moment: moment)
    assert Follower.objects.get().refusals == 2


def test_what_nobody_confirms_is_erased(client: Client, content: Content) -> None:
    ask(client)
    telling.tell(lambda: NOW + timedelta(days=7, seconds=-1))
    assert Follower.objects.exists()
    telling.tell(lambda: NOW + timedelta(days=7))
    assert not Follower.objects.exists() and not Message.objects.exists()


def test_everything_can_be_ended_at_once_and_by_the_operator(client: Client, content: Content) -> None:
    confirmed(client)
    alert = confirmed(client, "?level=2")
    page = f"/alerts/{alert.follower.key}/"
    assert len(Page(at(client, NOW, "get", page)).all("form")) == 3
    for wrong in ("x", "0", "9" * 30):
        assert "ended already" in Page(at(client, NOW, "post", page, {"alert": wrong, "end": ""})).text
    answer = at(client, NOW, "post", page, {"alert": alert.pk, "save": ""})
    assert answer.status_code == 422 and "Choose how often" in Page(answer).text
    Page(at(client, NOW, "post", page, {"alert": alert.pk, "end": ""}))
    assert Subscription.objects.count() == 1
    Page(at(client, NOW, "post", page, {"end_all": ""}))
    assert not Follower.objects.exists()
    confirmed(client)
    call_command("end_alerts", "Ann@Example.org", "nobody@example.org", verbosity=0)
    assert not Follower.objects.exists()


@pytest.mark.parametrize(
    ("query", "said"), [("", "Your alerts have ended"), ("?level=2", "This alert has ended already")]
)
def test_an_alert_that_ends_meanwhile_does_not_come_back(
    client: Client, content: Content, monkeypatch: Any, query: str, said: str
) -> None:
    alert = confirmed(client, query)
    if query:
        confirmed(client, "?level=3")
    before, chosen = Subscription.objects.count(), alerts._chosen

    def ended(posted: Any) -> Any:  # in another tab, after this one has found it
        subscription.end([alert])
        return chosen(posted)

    monkeypatch.setattr(alerts, "_chosen", ended)
    page = f"/alerts/{alert.follower.key}/"
    answer = at(client, NOW, "post", page, {"alert": alert.pk, "save": "", "at_once": "on"})
    assert answer.status_code == 200 and said in Page(answer).text
    assert Subscription.objects.count() == before - 1


def test_a_question_that_ends_while_it_is_confirmed_stays_ended(
    client: Client, content: Content, monkeypatch: Any
) -> None:
    ask(client)
    asked, confirm = Subscription.objects.get(), subscription.confirm

    def ended(found: Any, moment: Any) -> Any:
        subscription.end_all(asked.follower)
        return confirm(found, moment)

    monkeypatch.setattr(subscription, "confirm", ended)
    answer = at(client, NOW, "post", f"/alerts/confirm/{asked.confirm_key}/")
    assert answer.status_code == 404 and "Nothing to confirm" in Page(answer).text
    assert not Follower.objects.exists() and not Subscription.objects.exists()


@pytest.mark.parametrize("ends_at", ["open", "send_messages"])
@pytest.mark.parametrize("is_letter", [True, False])
def test_the_queue_goes_on_where_an_alert_ends_while_its_mail_is_sent(
    client: Client, content: Content, monkeypatch: Any, ends_at: str, is_letter: bool
) -> None:
    if is_letter:
        confirmed(client)
        say(content)
        tell()
    else:
        ask(client)
    post(["zoe@example.org"], "To approve", "Read it.", LATER + timedelta(minutes=1))
    sent: list[str] = []

    class Server:
        def open(self) -> None:
            self.end("open")

        def send_messages(self, letters: Any) -> None:
            self.end("send_messages")
            sent.extend(letter.to[0] for letter in letters)

        def close(self) -> None: ...

        def end(self, now: str) -> None:
            if now == ends_at and (is_letter is False or "zoe@example.org" in sent):
                Follower.objects.all().delete()

    monkeypatch.setattr(mail_queue, "get_connection", Server)
    mail_queue.send_due(lambda: LATER + timedelta(hours=1))
    expected = {"zoe@example.org", *(["ann@example.org"] if ends_at == "send_messages" else [])}
    assert set(sent) == expected
    assert not Message.objects.waiting().exists()


def test_an_alert_that_ends_takes_what_waits_with_it(client: Client, server: Any, content: Content) -> None:
    alert = confirmed(client)
    say(content)
    tell()
    at(client, LATER, "post", f"/alerts/end/{alert.end_key}/", ONE_CLICK)
    assert mail_queue.send_due(lambda: LATER) == 0
    assert server.letters == []
    mail_queue.clear(LATER)
    assert not Letter.objects.exists()


def test_staff_mail_does_not_wait_for_letters(client: Client, server: Any, content: Content) -> None:
    confirmed(client)
    say(content)
    tell(NOW)
    post(["editor@example.org"], "To approve", "Read it.", LATER)
    mail_queue.send_due(lambda: LATER)
    assert server.reached == ["editor", "ann"]


def test_a_key_that_there_is_not_leads_nowhere(client: Client, content: Content) -> None:
    for key in ("x", "-" * 32, "%00", "x" * 3000):
        assert at(client, NOW, "get", f"/alerts/{key}/").status_code == 404
        assert at(client, NOW, "post", f"/alerts/confirm/{key}/").status_code == 404
        assert "ended" in Page(at(client, NOW, "get", f"/alerts/end/{key}/")).text


def test_the_next_weekly_mail_is_at_eight_in_summer_too() -> None:
    assert weekly_after(0, london(2027, 3, 22, 8)) == london(2027, 3, 29, 8)
    assert weekly_after(0, london(2027, 3, 22, 7)) == london(2027, 3, 22, 8)


# What is announced

TO_COME = london(2027, 9, 1)
SAID_AT = NOW - timedelta(seconds=2)  # so that it counts from NOW


@pytest.fixture
def announced(client: Client, content: Content) -> AnnouncementLine:
    """Four who follow; then a category is announced to change in September."""
    confirmed(client)
    confirmed(client, f"?category={ENTRY}", address="bob@example.org")
    confirmed(client, f"?category={OTHER}", address="cat@example.org")
    confirmed(client, "?level=2", address="dan@example.org", at_once=None, weekly="on", day="4")
    say(content, live_at=TO_COME, made_at=NOW - timedelta(hours=3), change_note="From <September>.")
    return factories.announce(Edition.objects.get(number=2), SAID_AT)


def told(moment: Any = LATER) -> dict[str, str]:
    """Who is told at a moment, and the subject line."""
    mail.forget()
    return {message.to: message.subject for message in tell(moment)}


def test_what_is_announced_is_told_to_those_whom_it_concerns(
    client: Client, server: Any, announced: AnnouncementLine
) -> None:
    assert told(NOW - timedelta(seconds=1)) == {}
    found = told(NOW)
    assert set(found) == {"ann@example.org", "bob@example.org"}
    assert found["bob@example.org"].startswith("Level 2 occupational entry")
    assert "Announced for 1 September 2027" in found["ann@example.org"]
    mail_queue.send_due(lambda: LATER)
    assert told() == {}  # once
    plain, html = (
        part.get_payload(decode=True).decode().replace("\r\n", "\n") for part in server.letters[-1].get_payload()
    )
    for text in (plain, re.sub("</?strong>", "", html)):
        assert "This is not in force. It is to go live at midnight on 1 September 2027, major update." in text
        assert f"http://testserver{G}announced/{announced.announcement}/" in text
        assert "Read the announcement" in text
        assert "[inserted: " in text and "since September 2027.]" in text
        assert announced.edition_record_digest not in text
    assert "From <September>." in plain and "From &lt;September&gt;." in html
    assert set(told(london(2027, 3, 5, 8))) == {"dan@example.org"}  # on Friday


def test_what_follows_an_announcement_is_told_and_that_it_is_live(client: Client, announced: AnnouncementLine) -> None:
    told(NOW)
    edition = Edition.objects.get(number=2)
    factories.take_off(edition, LATER)
    again = factories.publish(edition.content, london(2027, 10, 1), made_at=LATER, change_note=edition.change_note)
    line = line_of(again, announced.before_text, announced.announcement, "rescheduled")
    line.why = "Colleges asked for a month."
    write([line], LATER, LATER)
    found = told(LATER + timedelta(minutes=1))
    assert set(found) == {"ann@example.org", "bob@example.org"}
    assert "Now for 1 October 2027" in found["ann@example.org"]
    assert "Colleges asked for a month." in mail.written()[-1].letter.text
    live = told(london(2027, 10, 1))
    assert "From <September>." in live["bob@example.org"] and "nnounced" not in live["bob@example.org"]
    assert set(live) >= {"ann@example.org", "bob@example.org", "dan@example.org"}
    assert "cat@example.org" not in live


def test_what_is_taken_back_is_told_with_what_readers_are_told(client: Client, announced: AnnouncementLine) -> None:
    told(NOW)
    factories.take_off(Edition.objects.get(number=2), LATER)
    write([taken_back(announced, "It <needs> more work.")], LATER, LATER)
    found = told(LATER + timedelta(minutes=1))
    assert set(found) == {"ann@example.org", "bob@example.org"}
    assert "Not on 1 September 2027" in found["ann@example.org"]
    letter = mail.written()[-1].letter
    assert "It <needs> more work." in letter.text and "It &lt;needs&gt; more work." in letter.html
    assert "not in force" not in letter.text


def test_what_was_made_again_is_told_to_those_for_whom_it_reads_otherwise(
    client: Client, content: Content, announced: AnnouncementLine
) -> None:
    told(NOW)
    edition = Edition.objects.get(number=2)
    before = factories.with_category(content, OTHER, aim="A fix of another category.")
    after = factories.with_category(edition.content, OTHER, aim="A fix of another category.")
    for number, verb in enumerate(("updated", "same"), 1):
        line = line_of(edition, announced.before_text, announced.announcement, verb)
        line.before_text, line.content_text = dump(before), dump(after)
        write([line], LATER, LATER)
        assert told(LATER + timedelta(minutes=number)) == {}  # what it changes is as it was
    line = line_of(edition, announced.before_text, announced.announcement, "updated")
    line.content_text = dump(factories.with_category(after, ENTRY, aim="Yet another."))
    write([line], LATER, LATER)
    found = told(LATER + timedelta(minutes=5))
    assert "Reworded for 1 September 2027" in found["bob@example.org"]


def test_whoever_follows_since_then_is_not_told_of_it_and_minor_ones_are_told_on_choice(
    client: Client, content: Content
) -> None:
    confirmed(client)
    confirmed(client, address="bob@example.org", minor="on")
    say(content, live_at=TO_COME, made_at=NOW - timedelta(hours=3), update_type="minor")
    factories.announce(Edition.objects.get(number=2), SAID_AT)
    mail.forget()
    ask(client, NOW, address="cat@example.org", minor="on")
    [link] = re.findall(r"/alerts/confirm/\S+/", mail.written()[-1].body)
    at(client, LATER, "post", link)
    assert set(told(LATER + timedelta(minutes=1))) == {"bob@example.org"}


def test_two_tellers_and_one_that_came_late_tell_of_an_announcement_once(
    client: Client, announced: AnnouncementLine
) -> None:
    news = News(guidance_id=announced.guidance_id, number=0, line=announced.pk, at=announced.in_force_from)
    News.objects.bulk_create([news], ignore_conflicts=True)
    assert set(told(LATER)) == {"ann@example.org", "bob@example.org"}
    assert (told(LATER), News.objects.count()) == ({}, 1)


FRIDAY = london(2027, 3, 5, 8)
BEFORE = NOW - timedelta(hours=3)


def said(who: str) -> str:
    [message] = [one for one in mail.written() if one.letter and one.to == f"{who}@example.org"]
    return str(message.letter.text)


def follow_weekly(client: Client) -> None:
    """Ann follows at once, and dan each Friday."""
    confirmed(client)
    confirmed(client, address="dan@example.org", at_once=None, weekly="on", day="4")


@pytest.mark.parametrize("is_down", [False, True])
def test_what_is_live_by_now_is_told_as_live_alone(client: Client, content: Content, is_down: bool) -> None:
    follow_weekly(client)
    say(content, live_at=NOW + timedelta(days=1), made_at=BEFORE, change_note="From Thursday.")
    factories.announce(Edition.objects.get(number=2), SAID_AT)
    if not is_down:
        assert set(told(LATER)) == {"ann@example.org"}
        assert "This is not in force." in said("ann")
    told(FRIDAY)
    for who in ("ann", "dan"):  # after an outage, ann too
        assert "From Thursday." in said(who)
        assert "not in force" not in said(who)
        assert "announce" not in said(who).lower()


def test_what_was_said_otherwise_since_is_told_as_it_is_now(client: Client, content: Content) -> None:
    follow_weekly(client)
    say(content, live_at=TO_COME, made_at=BEFORE, change_note="From <September>.")
    first = factories.announce(Edition.objects.get(number=2), SAID_AT)
    edition = Edition.objects.get(number=2)
    factories.take_off(edition, LATER)
    again = factories.publish(edition.content, london(2027, 10, 1), made_at=LATER, change_note=edition.change_note)
    lines = [line_of(again, first.before_text, first.announcement, verb) for verb in ("rescheduled", "updated", "same")]
    write(lines, LATER, LATER)
    told(FRIDAY)
    for who in ("ann", "dan"):
        assert "Now for 1 October 2027" in said(who)
        assert "Announced for" not in said(who) and "Reworded for" not in said(who)
        assert said(who).count("This is not in force.") == 1


def test_what_was_reworded_since_is_told_once(client: Client, content: Content) -> None:
    follow_weekly(client)
    confirmed(client, f"?category={OTHER}", address="cat@example.org", at_once=None, weekly="on", day="4")
    before = factories.with_category(content, OTHER, aim="A fix of another category.")
    say(content, live_at=TO_COME, made_at=BEFORE)
    edition = Edition.objects.get(number=2)
    first = factories.announce(edition, SAID_AT)
    line = line_of(edition, dump(before), first.announcement, "updated")  # it would undo the fix
    write([line], LATER, LATER)
    told(FRIDAY)
    for who in ("ann", "dan"):  # who follow all of it see what differs
        assert said(who).count("This is not in force.") == 1
        assert "Reworded for 1 September 2027" in said(who)
    assert "Reworded for 1 September 2027" in said("cat")


def test_what_was_announced_and_taken_back_in_one_week_is_told_as_that(client: Client, content: Content) -> None:
    follow_weekly(client)
    say(content, live_at=NOW + timedelta(days=1), made_at=BEFORE)
    first = factories.announce(Edition.objects.get(number=2), SAID_AT)
    factories.take_off(Edition.objects.get(number=2), LATER)
    write([taken_back(first, "It needs more work.")], LATER, LATER)
    told(FRIDAY)
    for who in ("ann", "dan"):
        assert "Not on 4 March 2027" in said(who) and "It needs more work." in said(who)
        assert "not in force" not in said(who)


def test_a_line_that_follows_nothing_stops_no_letter(client: Client, announced: AnnouncementLine) -> None:
    edition = Edition.objects.get(number=2)
    write([line_of(edition, None, UUID(int=7), "announced")], SAID_AT, SAID_AT)
    assert "bob@example.org" in told()
