"""Public addresses of the essaimage."""

from django.urls import path

from essaimage import spread_views

app_name = "essaimage"
urlpatterns = [
    path("essaimage/", spread_views.spread, name="spread"),
    path(
        "essaimage/reprises.csv",
        spread_views.replications,
        {"name": "csv"},
        name="replications_csv",
    ),
    path(
        "essaimage/reprises.json",
        spread_views.replications,
        {"name": "json"},
        name="replications_json",
    ),
    path("essaimage/reprises/<slug:code>/", spread_views.replication, name="replication"),
    path("innovations/<slug:slug>/essaimage/", spread_views.spread_of, name="spread_of"),
    path(
        "innovations/<slug:slug>/essaimage/reprises.csv",
        spread_views.replications_of,
        {"name": "csv"},
        name="replications_of_csv",
    ),
    path(
        "innovations/<slug:slug>/essaimage/reprises.json",
        spread_views.replications_of,
        {"name": "json"},
        name="replications_of_json",
    ),
]
