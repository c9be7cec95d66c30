"""Public addresses of the essaimage."""

from typing import Any

app_name = "essaimage"
urlpatterns: list[Any] = []
