"""Public addresses of the essaimage."""

from typing import Any

from essaimage import replication_urls

app_name = "essaimage"
urlpatterns: list[Any] = [*replication_urls.urlpatterns]
