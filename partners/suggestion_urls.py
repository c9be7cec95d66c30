"""Addresses of corrections, claims and a porteur's own pages; included by ``partners.urls``."""

from django.urls import path

from partners import claim_views, suggestion_views

urlpatterns = [
    path("innovations/<slug:slug>/corriger/", suggestion_views.suggest, name="suggest"),
    path("innovations/<slug:slug>/corriger/merci/", suggestion_views.sent, name="suggest_sent"),
    path(
        "innovations/<slug:slug>/corriger/messagerie/",
        suggestion_views.sent,
        {"by_mail": True},
        name="suggest_mailed",
    ),
    path("corrections/<str:token>/", suggestion_views.confirm, name="suggest_confirm"),
    path("innovations/<slug:slug>/mon-projet/", claim_views.claim, name="claim"),
    path("innovations/<slug:slug>/mon-projet/merci/", claim_views.sent, name="claim_sent"),
    path("porteurs/confirmer/<str:token>/", claim_views.confirm, name="claim_confirm"),
    path("porteurs/invitation/<str:token>/", claim_views.join, name="claim_join"),
    path("mes-projets/", claim_views.my_projects, name="my_projects"),
    path("mes-projets/<slug:slug>/", claim_views.my_project, name="my_project"),
]
