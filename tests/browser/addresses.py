"""Every kind of public page of the site that the seed makes, by name, for the browser and the checker of HTML."""

from categories.models import PreviewLink
from tests.browser.seed import HTQ, PROPOSAL, WITHDRAWN
from tests.server import Server

G = "/guidance/technical-qualification-categories/"
WHOLE = f"/guidance/{PROPOSAL}/"  # says all that guidance can say
ENDING, T_LEVEL = "level-2-occupational-entry-16-to-19-and-adults", "level-3-t-level"
CATEGORY = f"{G}categories/{HTQ}/"
TWO = "category=level-3-occupational-entry-16-to-19-and-adults&category=level-3-occupational-entry-adults-only"
FOUR = f"{TWO}&category=level-4-and-5-higher-technical-qualifications&category=level-3-t-level"
LEFT = "level=3&relationship=aligns&t-level"

PAGES = {
    "home": "/",
    "guidance": G,
    "guidance-filtered": f"{G}?level=3&cohort=adults&availability=in-scope",
    "guidance-words": f"{G}?q=higher+education",
    "guidance-none": f"{G}?level=4&cohort=adults",
    "guidance-unknown": f"{G}?level=9&approval=employer-demand-test",
    "table": f"{G}table/",
    "table-ordered": f"{G}table/?level=3&order=-availability",
    "table-whole": f"{WHOLE}table/",
    "in-full": f"{G}in-full/",
    "in-full-whole": f"{WHOLE}in-full/",
    "category": CATEGORY,
    "category-with-example": f"{G}categories/level-2-cross-cutting-function-16-to-19-and-adults/",
    "category-withdrawn": f"{G}categories/{WITHDRAWN}/",
    "guidance-whole": WHOLE,
    "category-ending": f"{WHOLE}categories/{ENDING}/",
    "category-without-test": f"{WHOLE}categories/{T_LEVEL}/",
    "compare-whole": f"{WHOLE}compare/?category={ENDING}&category={T_LEVEL}",
    "find-result-whole": f"{WHOLE}find/?level=2&relationship=aligns",
    "category-updates": f"{CATEGORY}updates/",
    "category-updates-whole": f"{WHOLE}categories/{ENDING}/updates/",
    "find-whole": f"{WHOLE}find/",
    "approval-tests-whole": f"{WHOLE}approval-tests/",
    "updates-whole": f"{WHOLE}updates/",
    "update-whole": f"{WHOLE}updates/1/",
    "approval-tests": f"{G}approval-tests/",
    "approval-test": f"{G}approval-tests/employer-demand-test/",
    "power": f"{G}approval-tests/a2d3-powers/",
    "compare": f"{G}compare/",
    "compare-nothing": f"{G}compare/?category=",
    "compare-one": f"{G}compare/?category={HTQ}",
    "compare-unknown": f"{G}compare/?category={HTQ}&category=unknown",
    "compare-2": f"{G}compare/?{TWO}",
    "compare-4": f"{G}compare/?{FOUR}",
    "find-level": f"{G}find/?cohort=adults",
    "find-relationship": f"{G}find/?cohort=adults&level=3",
    "find-t-level": f"{G}find/?cohort=adults&level=3&relationship=aligns",
    "find-learners": f"{G}find/",
    "find-no-answer": f"{G}find/?level=3&answering=relationship",
    "find-result": f"{G}find/?cohort=adults&{LEFT}=not-covered",
    "find-worth-reading": f"{G}find/?cohort=16-to-19&{LEFT}=covered",
    "find-none": f"{G}find/?level=2&relationship=some-ksbs",
    "check": f"{G}check/",
    "alerts": f"{G}alerts/",
    "alerts-filtered": f"{G}alerts/?level=3&cohort=adults",
    "alerts-unknown": f"{G}alerts/?level=9",
    "alert-asked": "/alerts/asked/",
    "alert-ended": "/alerts/end/nothing/",
    "privacy": "/privacy/",
    "feedback": f"/feedback/?about={G}&edition=1",
    "feedback-thanks": "/feedback/thanks/",
    "updates": f"{G}updates/",
    "update-1": f"{G}updates/1/",
    "update-2": f"{G}updates/2/",
    "update-3": f"{G}updates/3/",
    "update-4": f"{G}updates/4/",
    "update-compared": f"{G}updates/4/?from=1",
    "update-wrong": f"{G}updates/4/?from=9",
    "corrections": f"{G}corrections/",
    "since": f"{G}updates/since/2025-09-01/",
    "since-nothing": f"{G}updates/since/2026-02-01/",
    "since-category": f"{G}categories/{WITHDRAWN}/updates/since/2025-09-01/",
    "since-form": f"{G}updates/since/",
    "on-day": f"{G}on/",
    "on-day-wrong": f"{G}on/?day=31&month=2&year=2026",
    "dated": f"{G}on/2025-09-01/",
    "dated-category": f"{G}on/2025-09-01/categories/{HTQ}/",
    "exact": f"{G}at/2025-09-01T08:30:00Z/?level=3",
    "exact-category": f"{G}at/2025-09-01T08:30:00Z/categories/{HTQ}/",
    "api": "/api/v1/documentation/",
    "accessibility-statement": "/accessibility-statement/",
}
MISSING = {
    "404": "/none/",
    "404-category": f"{G}categories/level-3-t-levels/",
    "alert-nothing": "/alerts/confirm/nothing/",
    "404-day": f"{G}on/2025-02-30/",
    "preview-over": "/preview/none/",
}


def previews(server: Server | None = None) -> dict[str, str]:
    """The pages of the preview that link 1 of the seed shares, on a server, or on the database of this process."""
    if server:
        code = "from tests.browser.addresses import shared_token; print(shared_token())"
        token = server.run("-c", f"import django; django.setup(); {code}").strip()
    else:
        token = shared_token()
    return {"preview": f"/preview/{token}/", "preview-changes": f"/preview/{token}/changes/"}


def shared_token() -> str:
    """Part of a token is random, and known to the database alone."""
    return PreviewLink.objects.get(pk=1).token


def failure(server: Server) -> str:
    """The page of a failure, which no address leads to."""
    code = (
        "from django.http import HttpRequest; from categories.public.site import server_error;"
        "print(server_error(HttpRequest()).content.decode())"
    )
    return server.run("-c", f"import django; django.setup(); {code}")
