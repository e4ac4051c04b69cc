"""What a browser would send for the form of a page of the admin, with some of its fields filled in anew."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from django.http import HttpResponse
from django.test import Client

UNSENT = {"submit", "button", "reset", "file"}
TOKEN = "csrfmiddlewaretoken"  # another one on every page, which Django's test client does not need


def filled(page: HttpResponse, /, **typed: Any) -> dict[str, list[str]]:
    """Return what the form of the page holds, by the names of its controls, with what was typed in their place.

    A value is a text, a record or a list of them; None is an emptied control. A name that no control has is an error.
    """
    root = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    [form] = [one for one in root.iter("form") if one.get("method") == "post" and one.get("id") != "logout-form"]
    controls = [
        one for tag in ("input", "select", "textarea") for one in form.iter(tag) if one.get("name", TOKEN) != TOKEN
    ]
    unknown = set(typed) - {control.get("name") for control in controls}
    assert not unknown, f"the form has no {', '.join(unknown)}"
    data: dict[str, list[str]] = {}
    for control in controls:
        data.setdefault(control.get("name"), []).extend(_values(control))
    return {
        name: values for name, values in (data | {name: _sent(one) for name, one in typed.items()}).items() if values
    }


def typed(client: Client, url: str, /, **fields: Any) -> dict[str, list[str]]:
    """Open the form of a record; return what a browser would send for it, with a note and these fields typed."""
    return filled(client.get(url), **{"internal_note": "Made plainer"} | fields)


def _values(control: Element) -> Iterator[str]:
    kind = control.get("type", "")
    if control.tag == "select":
        options = list(control.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None]
        shown = options[:1] if control.get("multiple") is None else []
        yield from (option.get("value", "") for option in chosen or shown)
    elif control.tag == "textarea":
        yield (control.text or "").removeprefix("\n")
    elif kind not in UNSENT and (kind not in ("checkbox", "radio") or control.get("checked") is not None):
        yield control.get("value", "on" if kind == "checkbox" else "")


def _sent(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(getattr(one, "pk", one)) for one in (value if isinstance(value, list | tuple) else [value])]
