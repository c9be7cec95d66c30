"""Addresses of the demonstration only."""

from django.urls import path

from carrefour.demo import views

app_name = "demo"
urlpatterns = [path("courriels/", views.mailbox, name="mailbox")]
