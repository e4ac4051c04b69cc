"""The staff’s side: one file for each thing that staff work with. Importing them registers them.

Others import nothing from here but `front_page`, which `staff_site` shows.
"""

from . import approval_tests, categories, editions, examples_lists, guidance, outbox, submissions, users, vocabulary  # noqa: F401
