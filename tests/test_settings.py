"""A half-configured site does not start, and says what is missing; a whole one is safe by default."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WHOLE = {"SECRET_KEY": "a-long-and-random-secret-" * 3, "ALLOWED_HOSTS": "example.org,[::1]"}
ASKED = [
    "DEBUG",
    "SECURE_SSL_REDIRECT",
    "SECOND_FACTOR",
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_HSTS_PRELOAD",
    "X_FRAME_OPTIONS",
    "ALLOWED_HOSTS",
]


def started(**environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    code = f"import json; from config import settings; print(json.dumps({{n: getattr(settings, n) for n in {ASKED}}}))"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=kept | environ, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter than 40 characters"),
        ({"SECRET_KEY": " " * 60}, "SECRET_KEY is shorter than 40 characters"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name each host"),
        ({"ALLOWED_HOSTS": "https://example.org"}, "give host names alone, such as example.org"),
        ({"ALLOWED_HOSTS": "example.org:8000"}, "give host names alone, such as example.org"),
        ({"DEBUG": "yes"}, "DEBUG is “yes”; it must be 1 (on) or 0 (off)."),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL cannot be read"),
        ({"SECOND_FACTOR": "no"}, "SECOND_FACTOR is “no”; it must be required or offered."),
        ({"SECOND_FACTOR": "offered"}, "SECOND_FACTOR=offered is for your own machine alone"),
        ({"TRUSTED_PROXIES": "all"}, "TRUSTED_PROXIES is “all”; it must be a whole number."),
        ({"OIDC_ISSUER": "https://login.example.org"}, "are set together, or none."),
        (
            {"OIDC_ISSUER": "http://login.example.org", "OIDC_CLIENT_ID": "site", "OIDC_CLIENT_SECRET": "secret"},
            "OIDC_ISSUER is “http://login.example.org”; give an address",
        ),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT is “xml”; it must be line or json."),
        ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT is “smtp”; it must be a whole number."),
        ({"EMAIL_BACKEND": "no.such.Backend"}, "EMAIL_BACKEND is “no.such.Backend”, which cannot be imported"),
    ],
)
def test_what_is_missing_or_wrong_is_named(environ, sentence):
    found = started(**WHOLE | environ)
    assert found.returncode == 1
    assert sentence in found.stderr.splitlines()[-1]


def test_a_whole_site_is_safe_by_default():
    found = started(**WHOLE)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout) == {
        "DEBUG": False,
        "SECURE_SSL_REDIRECT": True,
        "SECOND_FACTOR": "required",
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SECURE_HSTS_SECONDS": 31536000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": False,
        "SECURE_HSTS_PRELOAD": False,
        "X_FRAME_OPTIONS": "DENY",
        "ALLOWED_HOSTS": ["example.org", "[::1]"],
    }


@pytest.mark.parametrize("name", ["PORT", "WEB_CONCURRENCY"])
def test_the_server_says_which_number_is_wrong(name):
    command = [sys.executable, "-c", "import runpy; runpy.run_path('config/gunicorn.py')"]
    found = subprocess.run(command, env={name: "many"}, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert found.returncode == 1
    assert f"{name} is 'many': give a number" in found.stderr


def test_the_policy_of_what_pages_may_load_is_exact(client):
    """Scripts, styles and images of our own, and nothing else of any kind."""
    header = client.get("/accessibility-statement/").headers["Content-Security-Policy"]
    assert header.split("; ") == [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "manifest-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
    ]
