from django.apps import AppConfig


class InnovationsConfig(AppConfig):
    name = "innovations"
    verbose_name = "innovations"
    default_auto_field = "django.db.models.BigAutoField"
