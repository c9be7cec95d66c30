"""Public addresses of the obstacles."""

from django.urls import path

from essaimage.obstacles import signal_views, views

HERE = "essaimage/obstacles/"
urlpatterns = [
    path(HERE, views.listing, name="obstacles"),
    path(f"{HERE}par-autorite/", views.by_authority, name="obstacles_by_authority"),
    path(f"{HERE}export.csv", views.csv, name="obstacles_csv"),
    path(f"{HERE}messagerie/", signal_views.sent, name="obstacle_sent"),
    path(f"{HERE}confirmer/<str:token>/", signal_views.confirm, name="obstacle_confirm"),
    path(
        "essaimage/interpretations/confirmer/<str:token>/",
        signal_views.confirm_interpretation,
        name="interpretation_confirm",
    ),
    path(f"{HERE}<int:pk>/", views.one, name="obstacle"),
    path(f"{HERE}<int:pk>/interpretation/", signal_views.interpret, name="obstacle_interpret"),
    path(
        "innovations/<slug:slug>/obstacles/signaler/",
        signal_views.signal,
        name="obstacle_signal",
    ),
]
