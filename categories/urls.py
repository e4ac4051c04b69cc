"""Every public address. Pages of guidance stand in guidance_urls, mounted once for each way of reading."""

from django.urls import include, path, re_path

from .public import alerts, announced, feedback, heads, health, memento, pages, site, updates
from .public.api import views as api

urlpatterns = [
    path("", site.home, name="home"),
    path("alerts/asked/", alerts.asked, name="alert-asked"),
    path("alerts/confirm/<str:key>/", alerts.confirm, name="alert-confirm"),
    path("alerts/end/<str:key>/", alerts.end, name="alert-end"),
    path("alerts/<str:key>/", alerts.alerts, name="alerts-of"),
    path("feedback/", feedback.feedback, name="feedback"),
    path("feedback/thanks/", feedback.thanks, name="feedback-thanks"),
    path("privacy/", site.privacy, name="privacy"),
    path("accessibility-statement/", site.accessibility_statement, name="accessibility-statement"),
    re_path(r"^healthz/?$", health.healthz, name="healthz"),
    re_path(r"^readyz/?$", health.readyz, name="readyz"),
    path("robots.txt", site.robots, name="robots"),
    path("signing-keys.txt", heads.signing_keys, name="signing-keys"),
    path("sitemap.xml", site.sitemap, name="sitemap"),
    path(".well-known/security.txt", site.security_txt, name="security-txt"),
    path("api/v1/", api.urls),
    path("id/<uuid:record>/", updates.by_id, name="by-id"),
    path("guidance/<slug:guidance>/", pages.guidance, name="guidance-base"),
    path("guidance/<slug:guidance>/", include("categories.guidance_urls")),
    path("guidance/<slug:guidance>/alerts/", alerts.ask, name="alerts"),
    path("guidance/<slug:guidance>/announced/", announced.announced, name="announced"),
    path("guidance/<slug:guidance>/announced/<uuid:announcement>/", announced.announcement, name="announcement"),
    path("guidance/<slug:guidance>/on/", updates.on_day, name="on-day"),
    path("guidance/<slug:guidance>/on/<day:on>/", include("categories.guidance_urls")),
    path("guidance/<slug:guidance>/at/<moment:at>/", include("categories.guidance_urls")),
    path("guidance/<slug:guidance>/timemap/", memento.time_map, name="time-map"),
    path("guidance/<slug:guidance>/timemap/<path:page>", memento.time_map, name="time-map-of"),
]
