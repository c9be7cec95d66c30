from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "carrefour.demo"
    label = "demo"
    verbose_name = "démonstration"
