import math
import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ... import backups
from ...models import Message, Submission
from ...public import health


class Command(BaseCommand):
    help = "Serve what the site counts, for Prometheus. Gunicorn starts it where METRICS_PORT is set."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("port", type=int, help="on 127.0.0.1")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        registry.register(Site())
        parent = os.getppid()
        start_http_server(port, addr="127.0.0.1", registry=registry)
        with suppress(KeyboardInterrupt):
            while os.getppid() == parent:
                time.sleep(1)


class Site(Collector):
    """What is asked of the database and the disk whenever Prometheus asks."""

    def describe(self) -> list[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        close_old_connections()
        try:
            found = list(asked_of_the_database())
        except DatabaseError:
            found = []
        finally:
            close_old_connections()
        yield GaugeMetricFamily("guidance_database_up", "1 while the database answers.", value=bool(found))
        yield from found
        yield GaugeMetricFamily("guidance_disk_free_bytes", "Room left for var/.", value=health.room_left())
        if settings.BACKUP_DIR:
            yield GaugeMetricFamily("guidance_backup_age_seconds", "Age of the newest backup.", value=backup_age())


def asked_of_the_database() -> Iterator[GaugeMetricFamily]:
    at = timezone.now()
    waiting = Submission.objects.filter(status=Submission.Status.SUBMITTED).count()
    yield GaugeMetricFamily("guidance_submissions_waiting", "Submissions that wait for approval.", value=waiting)
    yield GaugeMetricFamily(
        "guidance_messages_waiting", "Messages in the outbox.", value=Message.objects.waiting().count()
    )
    yield GaugeMetricFamily(
        "guidance_messages_unsent", "Messages given up, or late.", value=Message.objects.unsent(at).count()
    )
    ahead = health.clock_ahead().total_seconds()
    yield GaugeMetricFamily("guidance_clock_ahead_seconds", "This clock, ahead of the database's.", value=ahead)


def backup_age() -> float:
    """Return the age in seconds of the newest backup in BACKUP_DIR: without end where there is none."""
    age = backups.newest_age(Path(settings.BACKUP_DIR))
    return age.total_seconds() if age else math.inf
