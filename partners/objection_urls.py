"""Addresses of the right to object; included by ``partners.urls``."""

from django.urls import path

from partners import objection_views as views

urlpatterns = [
    path("opposition/", views.ask, name="object"),
    path("opposition/envoyee/", views.sent, name="object_sent"),
    path("opposition/confirmee/", views.confirmed, name="object_confirmed"),
    path("opposition/confirmer/<str:token>/", views.confirm, name="object_confirm"),
]
