from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("categories.urls")),
]
handler404 = "categories.pages.not_found"
handler500 = "categories.pages.server_error"
