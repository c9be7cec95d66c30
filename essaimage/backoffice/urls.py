"""Addresses of the essaimage in the back-office, under « gestion/essaimage/ »."""

from typing import Any

app_name = "gestion_essaimage"
urlpatterns: list[Any] = []
