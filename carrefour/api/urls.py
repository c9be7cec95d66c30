"""Addresses of the API, version 1."""

from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from carrefour.api.documentation import documentation
from carrefour.api.entrance import Entrance, Nowhere
from carrefour.api.obstacles import ExperimentViewSet, ObstacleViewSet
from carrefour.api.openapi import SchemaView
from carrefour.api.resources import (
    FactsViewSet,
    InnovationViewSet,
    PartnerViewSet,
    ReplicationViewSet,
    TermViewSet,
    TerritoryViewSet,
)

app_name = "api"
router = SimpleRouter()
router.register("facts", FactsViewSet, basename="facts")
router.register("innovations", InnovationViewSet, basename="innovations")
router.register("partners", PartnerViewSet, basename="partners")
router.register("replications", ReplicationViewSet, basename="replications")
router.register("territories", TerritoryViewSet, basename="territories")
router.register("terms", TermViewSet, basename="terms")
router.register("obstacles", ObstacleViewSet, basename="obstacles")
router.register("experiments", ExperimentViewSet, basename="experiments")

urlpatterns = [
    path("", Entrance.as_view(), name="root"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", documentation, name="docs"),
    *router.urls,
    # Only addresses that end with a slash: the others are first sent to the same one with it.
    re_path(r"^.+/$", Nowhere.as_view()),
]
