"""Addresses of the essaimage in the back-office, under « gestion/essaimage/ »."""

from django.urls import path

from essaimage.backoffice.views import experiments, obstacle_review, obstacles, tellings

app_name = "gestion_essaimage"
OBSTACLE, EXPERIMENT = "obstacles/<int:pk>/", "experimentations/<int:pk>/"
urlpatterns = [
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
    path("textes/", tellings.queue, name="tellings"),
    path("textes/<int:pk>/decider/", tellings.decide, name="telling_decide"),
]
