"""Addresses of the essaimage in the back-office, under « gestion/essaimage/ »."""

from django.urls import path

from essaimage.backoffice.views import tellings

app_name = "gestion_essaimage"
urlpatterns = [
    path("textes/", tellings.queue, name="tellings"),
    path("textes/<int:pk>/decider/", tellings.decide, name="telling_decide"),
]
