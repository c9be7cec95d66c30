"""Addresses of the evidence in three facts: answered by a link, refused, downloaded."""

from django.urls import path

from essaimage import evidence_views

urlpatterns = [
    path("essaimage/resultats.csv", evidence_views.facts_csv, name="facts_csv"),
    path("essaimage/resultats.json", evidence_views.facts_json, name="facts_json"),
    path("essaimage/resultats/<str:token>/", evidence_views.answer, name="evidence"),
    path("essaimage/courriels/<str:token>/arreter/", evidence_views.stop, name="evidence_stop"),
]
