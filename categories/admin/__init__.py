"""The staff’s side: one file for each thing that staff work with. Importing them registers them.

Others import nothing from here but `front_page`, which `staff_site` shows.
"""

from . import (  # noqa: F401
    approval_tests,
    categories,
    editions,
    examples_lists,
    feedback,
    followers,
    former_addresses,
    guidance,
    outbox,
    submissions,
    users,
    vocabulary,
)
