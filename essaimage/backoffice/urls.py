"""Addresses of the essaimage in the back-office, under « gestion/essaimage/ »."""

from django.urls import path

from essaimage.backoffice.views import (
    around,
    experiments,
    life,
    listing,
    moderating,
    obstacle_review,
    obstacles,
    replication,
    sites,
    tellings,
)

app_name = "gestion_essaimage"
ONE = "reprises/<slug:code>/"
OBSTACLE, EXPERIMENT = "obstacles/<int:pk>/", "experimentations/<int:pk>/"
urlpatterns = [
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
    path("obstacles/", obstacles.listing, name="obstacles"),
    path("obstacles/a-relire/", obstacle_review.queue, name="obstacles_review"),
    path("obstacles/ajouter/", obstacles.add, name="obstacle_add"),
    path(OBSTACLE, obstacles.one, name="obstacle"),
    path(f"{OBSTACLE}modifier/", obstacles.edit, name="obstacle_edit"),
    path(f"{OBSTACLE}etat/", obstacles.move, name="obstacle_move"),
    path(f"{OBSTACLE}decider/", obstacle_review.decide, name="obstacle_decide"),
    path(f"{OBSTACLE}interpretation/", obstacles.interpretation_add, name="interpretation_add"),
    path("interpretations/<int:pk>/", obstacles.interpretation, name="interpretation"),
    path(
        "interpretations/<int:pk>/relire/",
        obstacle_review.interpretation,
        name="interpretation_review",
    ),
    path("experimentations/", experiments.listing, name="experiments"),
    path("experimentations/ajouter/", experiments.add, name="experiment_add"),
    path(EXPERIMENT, experiments.one, name="experiment"),
    path(f"{EXPERIMENT}modifier/", experiments.edit, name="experiment_edit"),
    path(f"{EXPERIMENT}decider/", experiments.decide, name="experiment_decide"),
]
