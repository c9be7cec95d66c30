"""Addresses of the search, the records and the organisations."""

from django.urls import path, re_path

from innovations import search_log_views, sharing_views, suggestion_views, views

app_name = "innovations"
urlpatterns = [
    path("recherche/", views.search, name="search"),
    path("recherche/points.json", views.points, name="points"),
    path("recherche/suggestions/", suggestion_views.suggestions, name="suggestions"),
    path("recherche/export.<str:name>", views.export, name="export"),
    path("recherche/notee", search_log_views.note, name="note_search"),
    path("recherche/flux", sharing_views.feed, name="feed"),
    path("recherche/widget/", sharing_views.widget, name="widget"),
    re_path(
        r"^recherche/widget/(?P<colour>[0-9a-f]{6})\.css$",
        sharing_views.colour,
        name="widget_colour",
    ),
    path("recherche/integrer/", sharing_views.embed, name="embed"),
    path("oembed", sharing_views.oembed, name="oembed"),
    path("innovations/<slug:slug>/", views.detail, name="detail"),
    path("innovations/<slug:slug>/lieux.json", views.places, name="places"),
    path(
        "innovations/<slug:slug>/image-<str:digest>.webp",
        views.picture,
        {"column": "content"},
        name="picture",
    ),
    path(
        "innovations/<slug:slug>/vignette-<str:digest>.webp",
        views.picture,
        {"column": "thumbnail"},
        name="thumbnail",
    ),
    path("organisations/<slug:slug>/", views.organisation, name="organisation"),
]
