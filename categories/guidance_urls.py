"""The pages of one guidance, relative to where it stands: at its address, on a day, or in a preview."""

from django.urls import path

from .public import archive, check, feeds, heads, pages, since, tools, updates
from .public import csv as csv_file

urlpatterns = [
    path("", pages.guidance, name="guidance"),
    path("table/", pages.table, name="table"),
    path("in-full/", pages.in_full, name="in-full"),
    path("categories/<slug:slug>/", pages.category, name="category"),
    path("categories/<slug:slug>/updates/", updates.category_updates, name="category-updates"),
    path("categories/<slug:slug>/updates/since/", since.category_since_form, name="category-since-form"),
    path("categories/<slug:slug>/updates/since/<day:day>/", since.category_since, name="category-since"),
    path("approval-tests/", pages.approval_tests, name="approval-tests"),
    path("approval-tests/<slug:slug>/", pages.approval_test, name="approval-test"),
    path("find/", tools.find, name="find"),
    path("compare/", tools.compare, name="compare"),
    path("check/", check.check, name="check"),
    path("updates/", updates.updates, name="updates"),
    path("updates/since/", since.since_form, name="since-form"),
    path("updates/since/<day:day>/", since.since, name="since"),
    path("updates/<int:number>/", updates.update, name="update"),
    path("categories.csv", csv_file.categories_csv, name="categories-csv"),
    path("corrections/", updates.corrections, name="corrections"),
    path("archive.zip", archive.archive, name="archive"),
    path("head.txt", heads.head, name="head"),
    path("updates.atom", feeds.updates, name="updates-atom"),
    path("categories/<slug:slug>/updates.atom", feeds.category_updates, name="category-updates-atom"),
]
