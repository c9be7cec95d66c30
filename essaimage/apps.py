from django.apps import AppConfig


class EssaimageConfig(AppConfig):
    name = "essaimage"
    verbose_name = "essaimage"
    default_auto_field = "django.db.models.BigAutoField"
