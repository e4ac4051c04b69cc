"""What the site writes to people."""

from categories.models import Message


def written() -> list[Message]:
    """Every message in the outbox, oldest first."""
    return list(Message.objects.order_by("pk"))


def forget() -> None:
    Message.objects.all().delete()
