"""The staff's side: one file for each thing that staff work with."""

from django.conf import settings
from django.contrib import admin

from . import approval_tests, categories, examples_lists, guidance, users, vocabulary  # noqa: F401 - they register

admin.site.site_header = settings.SITE_NAME
admin.site.site_title = settings.SITE_NAME
admin.site.index_title = "Edit and publish"
