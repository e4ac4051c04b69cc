"""Links to other sites: looked at with care, kept, and told to staff with what to write in their place."""

import io
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from categories import publishing
from categories.models import Guidance, OutsideLink
from categories.models.history import saving
from categories.models.outside_link import State
from categories.publishing import other_sites
from categories.publishing.other_sites import look_at
from tests.factories import make_category, make_examples_list, make_guidance, make_user, publish, publish_loaded
from tests.other_site import OtherSite, certificate, closed_port, other_site


@pytest.fixture
def site(settings: Any) -> Iterator[OtherSite]:
    settings.LINKS_WITHIN_THE_NETWORK = True
    with other_site() as found:
        yield found


@pytest.fixture
def guidance(db: None) -> Guidance:
    return make_guidance()


def checked(*options: str) -> str:
    said = io.StringIO()
    call_command("check_links", "--pause=0", *options, stdout=said)
    return said.getvalue()


# What stands at one address


def test_a_page_that_is_there_is_asked_for_its_head_alone(site: OtherSite) -> None:
    assert look_at(f"{site.url}/a page?q=é#part").state == State.FINE
    assert site.asked == [("HEAD", "/a%20page?q=%C3%A9")]


@pytest.mark.parametrize(
    "status, state",
    [(404, State.GONE), (410, State.GONE), (500, State.SILENT), (403, State.UNKNOWN), (429, State.UNKNOWN)],
)
def test_what_is_refused_is_asked_for_again_as_a_browser_does(site: OtherSite, status: int, state: State) -> None:
    site.statuses = {("HEAD", "/x"): status, ("GET", "/x"): status, ("HEAD", "/y"): status}
    found = look_at(f"{site.url}/x")
    assert (found.state, str(status) in found.why) == (state, True)
    assert look_at(f"{site.url}/y").state == State.FINE
    assert site.asked == [("HEAD", "/x"), ("GET", "/x"), ("HEAD", "/y"), ("GET", "/y")]


def test_a_page_that_moved_for_good_brings_its_address(site: OtherSite) -> None:
    site.leads = {"/old": (301, "/new"), "/new": (308, "/newest"), "/once": (302, "/newest"), "/shut": (301, "/")}
    found = look_at(f"{site.url}/old#part")
    assert (found.state, found.suggestion) == (State.MOVED, f"{site.url}/newest#part")
    assert look_at(f"{site.url}/once").state == State.FINE  # it may come back
    found = look_at(f"{site.url}/shut")
    assert (found.state, found.suggestion) == (State.MOVED, "")
    assert "front page" in found.why


@pytest.mark.parametrize(
    "sent, asked, suggested",
    [("/café?q=Å".encode(), "/caf%C3%A9?q=%C3%85", "/café?q=Å"), (b"/caf\xe9", "/caf%E9", "/caf%E9")],
)
def test_an_address_that_it_moved_to_is_read_as_browsers_do(
    site: OtherSite, sent: bytes, asked: str, suggested: str
) -> None:
    site.leads = {"/old": (301, sent.decode("latin-1"))}
    found = look_at(f"{site.url}/old")
    assert (found.state, found.suggestion) == (State.MOVED, f"{site.url}{suggested}")
    assert site.asked == [("HEAD", "/old"), ("HEAD", asked)]


def test_an_address_that_moved_to_nothing_is_gone(site: OtherSite) -> None:
    site.leads = {"/old": (301, "/new")}
    site.statuses = {("HEAD", "/new"): 404, ("GET", "/new"): 404}
    assert look_at(f"{site.url}/old").state == State.GONE


def test_what_leads_on_without_an_end_is_left(site: OtherSite) -> None:
    site.leads = {"/round": (302, "/round")}
    assert look_at(f"{site.url}/round").state == State.SILENT
    assert len(site.asked) == other_sites.MOST_REDIRECTS + 1
    for other in ("ftp://127.0.0.1/", "javascript:alert(1)", "http://[", "mailto:a@example.org", "http://"):
        site.leads = {"/out": (302, other)}
        assert look_at(f"{site.url}/out").state in {State.UNKNOWN, State.SILENT}, other


def test_what_does_not_answer_is_not_waited_for(site: OtherSite, monkeypatch: Any, tmp_path: Path) -> None:
    assert look_at(f"http://127.0.0.1:{closed_port()}/").state == State.SILENT
    assert look_at("http://name.invalid/").state == State.SILENT
    site.is_drip = True
    monkeypatch.setattr(other_sites, "AT_MOST", 0.1)
    assert look_at(f"{site.url}/drip").state == State.SILENT
    site.is_drip, site.is_slow = False, True
    monkeypatch.setattr(other_sites, "SILENCE", 0.1)
    assert look_at(f"{site.url}/slow").state == State.SILENT


def test_a_certificate_that_browsers_warn_of_is_named(site: OtherSite, tmp_path: Path) -> None:
    with other_site(certificate(tmp_path)) as secured:
        found = look_at(f"{secured.url}/x")
    assert (found.state, found.why[:31]) == (State.SILENT, "Browsers warn of its certificat")
    assert secured.asked == []


def test_what_is_secured_is_not_waited_for_either(site: OtherSite, monkeypatch: Any, tmp_path: Path) -> None:
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
    with other_site(certificate(tmp_path)) as secured:
        assert look_at(f"{secured.url}/x").state == State.FINE
        secured.is_drip = True
        monkeypatch.setattr(other_sites, "AT_MOST", 0.2)
        assert look_at(f"{secured.url}/drip").state == State.SILENT


def test_no_machine_of_the_own_network_is_asked(site: OtherSite, settings: Any, monkeypatch: Any) -> None:
    settings.LINKS_WITHIN_THE_NETWORK = False
    numbers = ("127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]", "192.168.1.1", "[fec0::1]")
    for host in (*numbers, "localhost"):
        assert look_at(f"http://{host}:{site.url.rpartition(':')[2]}/").state == State.GONE, host
    monkeypatch.setattr(other_sites, "is_public", lambda address: address == "127.0.0.1")
    with other_site() as inner:  # where a link of a site outside leads
        inner_port = inner.url.rpartition(":")[2]
        site.leads = {"/in": (302, f"http://127.0.0.2:{inner_port}/"), "/name": (302, f"http://[::1]:{inner_port}/")}
        assert look_at(f"{site.url}/in").state == State.GONE
        assert look_at(f"{site.url}/name").state == State.GONE
        assert inner.asked == []
    assert [path for _, path in site.asked] == ["/in", "/name"]


@pytest.mark.parametrize(
    "address",
    [
        "fec0::1",  # of a site of its own, as it was once
        "::10.0.0.1",
        "::7f00:1",
        "::ffff:0:10.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "5f00::1",
        "3fff::1",
        "2001:db8::1",
        "2002:a00:1::",
        "fd00::1",
        "ff0e::1",
    ],
)
def test_no_address_of_version_6_leads_inside(address: str) -> None:
    assert not other_sites.is_public(address)


@pytest.mark.parametrize("address", ["2606:2800:220:1::1", "2a00:1450:4009::1", "64:ff9b::5db8:d822", "::ffff:8.8.8.8"])
def test_addresses_of_version_6_that_anybody_reaches_are_asked(address: str) -> None:
    assert other_sites.is_public(address)


def test_a_name_that_only_this_network_knows_is_not_told_to_be_broken(monkeypatch: Any) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **options: [(2, 1, 6, "", ("10.0.0.1", 80))])
    assert look_at("http://www.example.org/").state == State.UNKNOWN


# Which addresses are looked at, and what is kept


def test_every_address_outside_is_looked_at_once(guidance: Guidance, site: OtherSite, settings: Any) -> None:
    settings.SITE_ADDRESS = "https://guidance.example.org"
    guidance.contact_name, guidance.contact_url = "The team", f"{site.url}/contact"
    guidance.links = [{"title": "One", "url": f"{site.url}/link"}]
    guidance.save()
    make_examples_list(guidance, url=f"{site.url}/list")
    own = f"[a](/x/) [b](#aim) [c](mailto:a@example.org) [d](https://guidance.example.org/x/) [e]({site.url}/aim)"
    category = make_category(guidance, "one", aim=own, example=f"[it]({site.url}/aim)")
    publish_loaded(guidance)
    category.aim = f"[f]({site.url}/draft)"
    category.save()
    assert "looked at: 5. To mend: 0." in checked()
    assert sorted(path for _, path in site.asked) == ["/aim", "/contact", "/draft", "/link", "/list"]
    guidance.links = []
    guidance.save()
    publish(publishing.working_content(guidance), timezone.now())
    checked()
    kept = {link.address.rpartition("/")[2] for link in OutsideLink.objects.all()}
    assert kept == {"aim", "contact", "draft", "list"}


def test_a_site_must_be_silent_twice_before_anybody_is_told(guidance: Guidance, site: OtherSite) -> None:
    make_category(guidance, "one", aim=f"[it]({site.url}/x)")
    site.statuses = {("HEAD", "/x"): 500, ("GET", "/x"): 500}
    assert "To mend: 0." in checked()
    assert "To mend: 1." in checked()
    site.statuses = {}
    assert "To mend: 0." in checked()
    assert OutsideLink.objects.get().times == 1


def test_where_nothing_answers_nothing_is_kept(guidance: Guidance, settings: Any) -> None:
    settings.LINKS_WITHIN_THE_NETWORK = True
    port = closed_port()
    hosts = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
    make_category(guidance, "one", aim=" ".join(f"[it](http://{host}:{port}/)" for host in hosts))
    with pytest.raises(CommandError, match="Can this machine reach the web"):
        checked()
    assert not OutsideLink.objects.exists()


def test_one_site_keeps_no_answer_of_another_from_staff(guidance: Guidance, site: OtherSite) -> None:
    make_category(guidance, "one", aim=f"[a]({site.url}/a) [b]({site.url}/b)")
    site.leads = {"/a": (301, "/new\0")}
    assert "looked at: 2." in checked()
    assert {link.address[-1]: link.state for link in OutsideLink.objects.all()} == {"a": "unknown", "b": "fine"}
    assert {link.suggestion for link in OutsideLink.objects.all()} == {""}


def test_each_answer_is_kept_once_some_site_answers(guidance: Guidance, site: OtherSite, monkeypatch: Any) -> None:
    make_category(guidance, "one", aim=" ".join(f"[it]({site.url}/{name})" for name in "abcd"))
    site.statuses = {("HEAD", "/a"): 500, ("GET", "/a"): 500}
    asked = other_sites.look_at

    def fails(address: str) -> other_sites.Answer:
        if address.endswith("/c"):
            raise MemoryError
        return asked(address)

    monkeypatch.setattr("categories.publishing.outside_links.look_at", fails)
    with pytest.raises(MemoryError):
        checked()
    assert {link.address[-1]: link.state for link in OutsideLink.objects.all()} == {"a": "silent", "b": "fine"}


def test_a_pause_that_is_none_is_refused(db: None) -> None:
    for pause in ("-1", "nan", "61"):
        with pytest.raises(CommandError, match="--pause"):
            call_command("check_links", f"--pause={pause}")


def test_a_working_copy_that_cannot_be_read_keeps_no_other_from_it(guidance: Guidance, site: OtherSite) -> None:
    make_category(guidance, "one", aim=f"[it]({site.url}/x)")
    other = make_guidance(slug="other", title="")
    make_category(other, "two", title="", aim=f"[it]({site.url}/y)")
    assert "looked at: 1." in checked()


# What staff are told


def test_a_broken_link_stands_on_the_front_page_and_the_form(
    guidance: Guidance, site: OtherSite, client: Client
) -> None:
    site.leads = {"/old": (301, "/new")}
    site.statuses = {("HEAD", "/gone"): 404, ("GET", "/gone"): 404}
    category = make_category(guidance, "one", aim=f"[it]({site.url}/old)", example=f"[it]({site.url}/gone)")
    checked()
    form = reverse("admin:categories_category_change", args=[category.pk])
    client.force_login(make_user("wendy", "Writer"))
    for page in (reverse("admin:index"), form):
        said = client.get(page).content.decode()
        assert f'href="{form}#id_aim"' in said
        assert f'Suggested: <span class="app-address">{site.url}/new</span>' in said
        assert f'href="{form}#id_example"' in said
        assert "its site answers 404" in said
    changes = client.get(reverse("admin:categories_guidance_changes", args=[guidance.pk])).content.decode()
    assert f"Suggested: {site.url}/new" in changes
    with saving(make_user("otto", "Writer"), "It moved"):
        category.aim = f"[it]({site.url}/new)"
        category.save()
    said = client.get(reverse("admin:index")).content.decode()
    assert f'href="{form}#id_aim"' not in said and f'href="{form}#id_example"' in said


def test_links_cost_one_query_where_there_are_any(
    guidance: Guidance, client: Client, django_assert_num_queries: Any
) -> None:
    content = publishing.working_content(guidance)
    with django_assert_num_queries(0):
        assert publishing.broken_among([]) == {}
        assert publishing.broken_among(["/x/", "#aim", "mailto:a@example.org"]) == {}
    addresses = [f"https://example.org/{number}" for number in range(50)]
    with django_assert_num_queries(1):
        assert publishing.broken_among(addresses) == {}
    assert content.title
