from django.contrib import admin
from django.urls import include, path

from categories import previews

urlpatterns = [
    path(
        "admin/preview/working-copy/<uuid:guidance>/",
        include(previews.patterns(previews.of_working_copy, "preview-working-copy")),
    ),
    path(
        "admin/preview/submission/<int:submission>/",
        include(previews.patterns(previews.of_submission, "preview-submission")),
    ),
    path("preview/<str:token>/", include(previews.patterns(previews.of_link, "preview-link"))),
    path("admin/", include("categories.sign_in_urls")),
    path("admin/", admin.site.urls),
    path("", include("categories.urls")),
]
handler404 = "categories.public.not_found.not_found"
handler500 = "categories.public.site.server_error"
