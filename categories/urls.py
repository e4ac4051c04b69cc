"""Every public address. Pages of guidance stand in guidance_urls, mounted once for each way of reading."""

from django.urls import include, path, register_converter

from . import pages, site
from .converters import DayConverter

register_converter(DayConverter, "day")

urlpatterns = [
    path("", site.home, name="home"),
    path("guidance/<slug:guidance>/", pages.guidance, name="guidance-base"),
    path("guidance/<slug:guidance>/", include("categories.guidance_urls")),
    path("guidance/<slug:guidance>/on/<day:on>/", include("categories.guidance_urls")),
]
