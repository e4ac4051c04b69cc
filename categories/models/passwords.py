"""What a password must be, and how it is kept."""

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError

OWN_WORDS = (
    "technical", "qualifications", "qualification", "guidance", "skills", "england", "skillsengland", "category",
    "categories", "publish", "editor", "writer", "admin", "staff", "password",
)  # fmt: skip
LEFT = 6  # letters and digits that must be left of a password once the words that anybody would guess are out


class Argon2(Argon2PasswordHasher):
    """Argon2id at the cost that RFC 9106 recommends second: 64 MiB, three passes, four lanes."""

    time_cost = 3
    memory_cost = 64 * 1024
    parallelism = 4


class OwnWordsValidator:
    """Refuses a password made of the service’s own words, such as “guidance2025!”."""

    def validate(self, password: str, user: Any = None) -> None:
        words = {*OWN_WORDS, *re.findall(r"\w{4,}", settings.SITE_NAME.casefold())}
        left = password.casefold()
        for word in sorted(words, key=len, reverse=True):
            left = left.replace(word, "")
        if len(re.sub(r"[\W_]", "", re.sub(r"(19|20)\d\d", "", left))) < LEFT and left != password.casefold():
            raise ValidationError("This password is made of words that this service uses. Choose others.", "own_words")

    def get_help_text(self) -> str:
        return "Your password can’t be made of words that this service uses."
