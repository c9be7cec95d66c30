"""Public addresses of the experiments."""

from django.urls import path

from essaimage.experiments import views

urlpatterns = [
    path("essaimage/experimentations/", views.listing, name="experiments"),
    path("essaimage/experimentations/<int:pk>/", views.one, name="experiment"),
]
