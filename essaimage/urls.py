"""Public addresses of the essaimage."""

from django.urls import path

from essaimage import evidence_urls, replication_urls, watching_urls
from essaimage.assessing import views as assessing

app_name = "essaimage"
urlpatterns = [
    *evidence_urls.urlpatterns,
    *watching_urls.urlpatterns,
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
]
