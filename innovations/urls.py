"""Addresses of the search, the records and the organisations."""

from django.urls import path

from innovations import suggestion_views, views

app_name = "innovations"
urlpatterns = [
    path("recherche/", views.search, name="search"),
    path("recherche/points.json", views.points, name="points"),
    path("recherche/suggestions/", suggestion_views.suggestions, name="suggestions"),
    path("recherche/export.<str:name>", views.export, name="export"),
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
