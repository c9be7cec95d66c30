from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "carrefour.accounts"
    label = "accounts"
    verbose_name = "comptes"
    default_auto_field = "django.db.models.BigAutoField"
