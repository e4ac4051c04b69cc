"""The pages of one guidance, relative to where it stands: at its address, on a day, or in a preview."""

from django.urls import path

from .public import csv as csv_file
from .public import feeds, heads, pages, tools, updates

urlpatterns = [
    path("", pages.guidance, name="guidance"),
    path("table/", pages.table, name="table"),
    path("in-full/", pages.in_full, name="in-full"),
    path("categories/<slug:slug>/", pages.category, name="category"),
    path("categories/<slug:slug>/updates/", updates.category_updates, name="category-updates"),
    path("approval-tests/", pages.approval_tests, name="approval-tests"),
    path("approval-tests/<slug:slug>/", pages.approval_test, name="approval-test"),
    path("find/", tools.find, name="find"),
    path("compare/", tools.compare, name="compare"),
    path("updates/", updates.updates, name="updates"),
    path("updates/<int:number>/", updates.update, name="update"),
    path("categories.csv", csv_file.categories_csv, name="categories-csv"),
    path("head.txt", heads.head, name="head"),
    path("updates.atom", feeds.updates, name="updates-atom"),
    path("categories/<slug:slug>/updates.atom", feeds.category_updates, name="category-updates-atom"),
]
