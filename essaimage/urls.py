"""Public addresses of the essaimage."""

from django.urls import path

from essaimage import evidence_urls, replication_urls, spread_views, watching_urls
from essaimage.assessing import views as assessing
from essaimage.experiments import urls as experiments
from essaimage.kit import views as kit
from essaimage.obstacles import urls as obstacles

app_name = "essaimage"
urlpatterns = [
    *evidence_urls.urlpatterns,
    *watching_urls.urlpatterns,
    path("essaimage/", spread_views.spread, name="spread"),
    path(
        "essaimage/reprises.csv",
        spread_views.replications,
        {"name": "csv"},
        name="replications_csv",
    ),
    path(
        "essaimage/reprises.json",
        spread_views.replications,
        {"name": "json"},
        name="replications_json",
    ),
    path("innovations/<slug:slug>/essaimage/", spread_views.spread_of, name="spread_of"),
    path(
        "innovations/<slug:slug>/essaimage/reprises.csv",
        spread_views.replications_of,
        {"name": "csv"},
        name="replications_of_csv",
    ),
    path(
        "innovations/<slug:slug>/essaimage/reprises.json",
        spread_views.replications_of,
        {"name": "json"},
        name="replications_of_json",
    ),
    *replication_urls.urlpatterns,
    path("essaimage/auto-evaluation/", assessing.start, name="assessment_start"),
    path("essaimage/auto-evaluation/<str:token>/", assessing.result, name="assessment"),
    path(
        "essaimage/auto-evaluation/<str:token>/refaire/", assessing.again, name="assessment_again"
    ),
    path(
        "essaimage/auto-evaluation/<str:token>/effacer/", assessing.erase, name="assessment_erase"
    ),
    path("essaimage/auto-evaluation/<str:token>/courriel/", assessing.mail, name="assessment_mail"),
    path(
        "essaimage/auto-evaluation/<str:token>/<slug:code>/",
        assessing.part,
        name="assessment_part",
    ),
    *obstacles.urlpatterns,
    *experiments.urlpatterns,
    path("innovations/<slug:slug>/kit/", kit.page, name="kit"),
    path("innovations/<slug:slug>/kit.pdf", kit.pdf, name="kit_pdf"),
]
