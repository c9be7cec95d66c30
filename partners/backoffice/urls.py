"""Addresses of the back-office."""

from django.urls import path

from partners.backoffice.views import (
    home,
    objections,
    partners,
    records,
    review,
    runs,
    sources,
    vocabulary,
)

app_name = "backoffice"
urlpatterns = [
    path("", home.home, name="home"),
    path("partenaires/", partners.partner_list, name="partners"),
    path("partenaires/ajouter/", partners.add, name="partner_add"),
    path("partenaires/<slug:slug>/", partners.detail, name="partner"),
    path("partenaires/<slug:slug>/modifier/", partners.edit, name="partner_edit"),
    path("partenaires/<slug:slug>/sources/ajouter/", sources.add, name="source_add"),
    path("sources/<slug:slug>/", sources.detail, name="source"),
    path("sources/<slug:slug>/modifier/", sources.edit, name="source_edit"),
    path("sources/<slug:slug>/correspondance/", sources.mapping, name="source_mapping"),
    path("sources/<slug:slug>/moissonner/", runs.start, name="run_start"),
    path("sources/<slug:slug>/fiches/", records.record_list, name="records"),
    path("sources/<slug:slug>/refus/", records.rejected, name="rejected"),
    path("sources/<slug:slug>/refus.csv", records.rejected_csv, name="rejected_csv"),
    path("moissonnages/", runs.run_list, name="runs"),
    path("moissonnages/<int:pk>/", runs.detail, name="run"),
    path("moissonnages/<int:pk>/avancement/", runs.progress, name="run_progress"),
    path("moissonnages/<int:pk>/arreter/", runs.cancel, name="run_cancel"),
    path("fiches/<int:pk>/", records.detail, name="record"),
    path("relecture/", review.queue, name="review"),
    path("relecture/decision/", review.decide, name="review_decide"),
    path("innovations/<int:pk>/", review.detail, name="innovation"),
    path("vocabulaire/", vocabulary.queue, name="vocabulary"),
    path("oppositions/", objections.queue, name="objections"),
    path("oppositions/ajouter/", objections.add, name="objection_add"),
    path("oppositions/<int:pk>/", objections.detail, name="objection"),
    path("oppositions/<int:pk>/appliquer/", objections.apply, name="objection_apply"),
    path("oppositions/<int:pk>/refuser/", objections.refuse, name="objection_refuse"),
]
