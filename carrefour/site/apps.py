from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "carrefour.site"
    label = "site"
    verbose_name = "site public"
