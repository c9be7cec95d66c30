"""Public addresses of the essaimage."""

from django.urls import path

from essaimage import replication_urls
from essaimage.assessing import views as assessing
from essaimage.kit import views as kit

app_name = "essaimage"
urlpatterns = [
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
    path("innovations/<slug:slug>/kit/", kit.page, name="kit"),
    path("innovations/<slug:slug>/kit.pdf", kit.pdf, name="kit_pdf"),
]
