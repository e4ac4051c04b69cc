"""The people who work with the guidance."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A member of staff. History protects the people in it: they are deactivated, never deleted."""

    def __str__(self) -> str:
        return self.get_full_name() or self.username
