"""The same categories as Wagtail pages, as its documentation would have them made."""

from django.db import models
from modelcluster.fields import ParentalManyToManyField
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.snippets.models import register_snippet


@register_snippet
class ApprovalTest(models.Model):
    name = models.CharField(max_length=300)

    def __str__(self) -> str:
        return self.name


class GuidancePage(Page):
    summary = models.TextField()
    publisher = models.CharField(max_length=300)
    notice = RichTextField(blank=True)
    subpage_types = ["peer.CategoryPage"]

    def get_context(self, request, *args, **kwargs):
        categories = CategoryPage.objects.child_of(self).live().prefetch_related("approval_tests")
        return super().get_context(request, *args, **kwargs) | {"categories": categories}


class CategoryPage(Page):
    levels = models.CharField(max_length=300)
    cohorts = models.CharField(max_length=300, blank=True)
    availability = models.CharField(max_length=300, blank=True)
    relationship = models.CharField(max_length=300)
    relationship_text = RichTextField()
    aim = RichTextField()
    example = RichTextField(blank=True)
    approval_tests = ParentalManyToManyField(ApprovalTest, blank=True)
    parent_page_types = ["peer.GuidancePage"]
