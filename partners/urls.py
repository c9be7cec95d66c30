"""Public addresses of the partners, and of the right to object."""

from django.urls import include, path

from partners import views

app_name = "partners"
urlpatterns = [
    path("partenaires/", views.partner_list, name="list"),
    path("partenaires/<slug:slug>/", views.partner_detail, name="detail"),
    path("partenaires/<slug:slug>/logo-<str:digest>.webp", views.logo, name="logo"),
    path("", include("partners.objection_urls")),
    path("", include("partners.suggestion_urls")),
    path("", include("partners.proposals.urls")),
]
