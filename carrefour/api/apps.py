from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "carrefour.api"
    label = "api"
    verbose_name = "API"
