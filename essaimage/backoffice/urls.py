"""Addresses of the essaimage in the back-office, under « gestion/essaimage/ »."""

from django.urls import path

from essaimage.backoffice.views import (
    around,
    dashboard,
    evidence,
    inviting,
    life,
    listing,
    moderating,
    replication,
    sites,
    tellings,
)

app_name = "gestion_essaimage"
ONE = "reprises/<slug:code>/"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("relancer/<slug:code>/", dashboard.ask, name="dashboard_ask"),
    path("accompagnateurs/inviter/", inviting.invite, name="invite"),
    path("resultats/", evidence.listing, name="facts"),
    path("resultats/ajouter/", evidence.addition, name="facts_add"),
    path("resultats/<int:pk>/", evidence.one, name="facts_one"),
    path("resultats/<int:pk>/decider/", evidence.decide, name="facts_decide"),
    path("resultats/<int:pk>/modifier/", evidence.edit, name="facts_edit"),
    path("reprises/", listing.listing, name="replications"),
    path("ajouter/", listing.addition, name="replication_add"),
    path("a-relire/", moderating.queue, name="review"),
    path("a-relire/<slug:code>/", moderating.one, name="review_one"),
    path("a-relire/<slug:code>/decider/", moderating.decide, name="review_decide"),
    path("decisions/<int:pk>/annuler/", moderating.undo, name="review_undo"),
    path("sites/", sites.listing, name="sites"),
    path("sites/<slug:slug>/", sites.of_innovation, name="sites_of"),
    path("gestes/<int:pk>/annuler/", sites.undo, name="sites_undo"),
    path(ONE, replication.detail, name="replication"),
    path(f"{ONE}modifier/", replication.edit, name="replication_edit"),
    path(f"{ONE}etat/", life.move, name="replication_move"),
    path(f"{ONE}etapes/<int:step>/annuler/", life.annul, name="replication_annul"),
    path(f"{ONE}cotes/<slug:name>/", around.side, name="side"),
    path(f"{ONE}cotes/<slug:name>/demander/", around.ask, name="side_ask"),
    path(f"{ONE}acteurs/ajouter/", around.actor, name="actor_add"),
    path(f"{ONE}acteurs/<int:pk>/", around.actor, name="actor"),
    path(f"{ONE}acteurs/<int:pk>/retirer/", around.actor_remove, name="actor_remove"),
    path("textes/", tellings.queue, name="tellings"),
    path("textes/<int:pk>/decider/", tellings.decide, name="telling_decide"),
]
