"""Addresses of « Mes reprises suivies »."""

from django.urls import path

from essaimage import watching_views

urlpatterns = [
    path("mes-reprises/", watching_views.listing, name="watched"),
    path("mes-reprises/liste.csv", watching_views.csv, name="watched_csv"),
    path("mes-reprises/ajouter/", watching_views.add, name="watch_add"),
    path("mes-reprises/<slug:code>/", watching_views.one, name="watched_one"),
    path("mes-reprises/<slug:code>/retirer/", watching_views.remove, name="watch_remove"),
]
