"""Fill the database of DATABASE_URL as `seed` does, and with one of everything else that staff can see.

With `addresses` behind it, print the address of every page of that as JSON, by a short name.
"""

import json
import sys
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from tests.browser import scheduled_seed, seed  # they set Django up

# Models are there only once it has
from categories import publishing  # isort: skip
from categories.models import (  # isort: skip
    Feedback,
    FormerAddress,
    Guidance,
    Message,
    OutsideLink,
    Submission,
    User,
)
from categories.models.history import saving  # isort: skip
from categories.models.kinds import MODELS  # isort: skip

GUIDANCE, OLD = "technical-qualification-categories", "https://example.org/old"
ALONE = {  # pages that stand by themselves
    "index": "admin:index",
    "help": "admin:help",
    "own-account": "mfa_index",
    "password-change": "admin:password_change",
    "scheduled": "admin:categories_edition_scheduled",
    "feedback-by-page": "admin:categories_feedback_pages",
    "followers": "admin:categories_subscription_changelist",
    "user-add": "admin:categories_user_add",
}


def main() -> None:
    seed.main()
    now = timezone.now()
    wendy, erin = (User.objects.get(username=name) for name in ("wendy", "erin"))
    guidance = Guidance.objects.get(slug=GUIDANCE)
    category = guidance.category_set.first()
    with saving(wendy, "Said more plainly"):
        category.aim += f" See [the list]({OLD}) and [a category](/guidance/no-such-guidance/)."
        category.save()
    publishing.reject(publishing.submit(guidance, wendy, change_note="Plainer."), erin, why="The month is wrong.")
    for slug, days in ((scheduled_seed.WAITING, 7), (seed.HTQ, 8)):  # editions 5 and 6, of which the second is secret
        waits = scheduled_seed.submitted(slug)
        publishing.approve(waits, erin, live_at=now + timedelta(days=days), announce=days == 7)
    publishing.comment(Submission.objects.get(status="submitted"), erin, text="Which learners?")
    suggestion = f"https://example.org/{'new' * 30}"
    why = "The page has moved for good."
    OutsideLink.objects.create(address=OLD, state="moved", why=why, suggestion=suggestion, checked_at=now)
    Feedback.objects.create(page="/guidance/", wrong="The link to the list does not work.", doing="Looking", at=now)
    letter = {"to": "erin@example.org", "subject": "To approve: Submission 1", "body": "It waits."}
    failed = {"made_at": now, "due_at": now, "tries": 9, "error": "timed out", "given_up_at": now}
    Message.objects.create(message_id="<1@example.org>", **letter, **failed)
    FormerAddress.objects.create(address="/old/", leads_to="/guidance/", why="A college links there.")


def addresses() -> dict[str, str]:
    guidance = Guidance.objects.get(slug=GUIDANCE)
    records = {model._meta.model_name: model.objects.first() for model in MODELS.values()}
    records |= {"guidance": guidance, "category": guidance.category_set.first()}
    found = {name: reverse(view) for name, view in ALONE.items()}
    for name, record in records.items():
        start, row = f"admin:categories_{name}", record.history.last()
        found[f"{name}-add"] = reverse(f"{start}_add")
        found[f"{name}-history"] = reverse(f"{start}_history", args=[record.pk])
        found[f"{name}-then"] = reverse(f"{start}_simple_history", args=[record.pk, row.history_id])
    records |= {"submission": Submission.objects.get(status="submitted"), "edition": guidance.editions.live().newest()}
    records |= {"user": User.objects.get(username="erin")}
    records |= {model._meta.model_name: model.objects.first() for model in (Feedback, Message, FormerAddress)}
    for name, record in records.items():
        found[f"{name}-list"] = reverse(f"admin:categories_{name}_changelist")
        found[name] = reverse(f"admin:categories_{name}_change", args=[record.pk])
    of_guidance, category = "admin:categories_guidance", records["category"]
    found["delete"] = reverse("admin:categories_cohort_delete", args=[records["cohort"].pk])
    found["changes"] = reverse(f"{of_guidance}_changes", args=[guidance.pk])
    found["put-back"] = reverse(f"{of_guidance}_put_back", args=[guidance.pk, category.pk])
    found["many"] = f"{reverse('admin:categories_category_many')}?id={category.pk}"
    found["compare"] = f"{reverse('admin:categories_edition_compare', args=[records['edition'].pk])}?other=1"
    shown = {"rejected": guidance.submissions.get(status="rejected")}
    for name, number in (("approved", 4), ("announced", 5), ("to-announce", 6)):
        shown[name] = guidance.submissions.get(edition__number=number)
    for name, one in shown.items():
        found[name] = reverse("admin:categories_submission_change", args=[one.pk])
    return found


if __name__ == "__main__":
    if "addresses" in sys.argv:
        print(json.dumps(addresses()))
    else:
        main()
