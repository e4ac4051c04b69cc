"""The pages of one guidance, relative to where it stands: at its address, on a day, or in a preview."""

from django.urls import path

from . import pages

urlpatterns = [
    path("", pages.guidance, name="guidance"),
    path("categories/<slug:slug>/", pages.category, name="category"),
    path("approval-tests/", pages.approval_tests, name="approval-tests"),
    path("approval-tests/<slug:slug>/", pages.approval_test, name="approval-test"),
]
