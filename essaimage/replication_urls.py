"""Addresses of the replications: declared, confirmed by both sides, kept up to date, read."""

from django.urls import path

from essaimage import declaration_views, replication_views, side_views

urlpatterns = [
    path("innovations/<slug:slug>/reprises/declarer/", declaration_views.declare, name="declare"),
    path(
        "innovations/<slug:slug>/reprises/declarer/messagerie/",
        declaration_views.sent,
        name="declare_sent",
    ),
    path(
        "essaimage/declarations/<str:token>/",
        declaration_views.confirm,
        name="declaration_confirm",
    ),
    path("essaimage/avis/<str:token>/", side_views.verdict, name="verdict"),
    path("essaimage/suivi/<str:token>/", side_views.follow, name="follow"),
    path("essaimage/reprises/<slug:code>/", replication_views.replication, name="replication"),
    path("essaimage/reprises/<slug:code>/tenir-a-jour/", side_views.ask, name="follow_ask"),
    path(
        "essaimage/reprises/<slug:code>/tenir-a-jour/messagerie/",
        side_views.asked,
        name="follow_sent",
    ),
]
