"""Addresses of the open door; included by ``partners.urls``."""

from django.urls import path

from partners.proposals import views

urlpatterns = [
    path("proposer-un-projet/", views.propose, name="propose"),
    path("proposer-un-projet/delais/", views.waiting, name="proposal_delays"),
    path("projets-proposes/<str:token>/", views.follow, name="proposal"),
    path("projets-proposes/<str:token>/etape/<slug:code>/", views.step, name="proposal_step"),
    path("projets-proposes/<str:token>/envoyer/", views.send, name="proposal_send"),
    path("projets-proposes/<str:token>/confirmer/", views.confirm, name="proposal_confirm"),
    path("projets-proposes/<str:token>/lien/", views.mail_again, name="proposal_mail"),
    path("projets-proposes/<str:token>/retirer/", views.withdraw, name="proposal_withdraw"),
]
