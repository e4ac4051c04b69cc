from django.urls import path


class PublishingPages:
    def get_urls(self):
        return [
            path(
                "<uuid:pk>/changes/", self.admin_site.admin_view(self.change_view), name="categories_guidance_changes"
            ),
            *super().get_urls(),
        ]
