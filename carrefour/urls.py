"""The whole site's addresses: in French, stable."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("carrefour.site.urls")),
    path("", include("innovations.urls")),
    path("", include("essaimage.urls")),
    path("", include("partners.urls")),
    path("", include("carrefour.accounts.urls")),
    path("gestion/essaimage/", include("essaimage.backoffice.urls")),
    path("gestion/", include("partners.backoffice.urls")),
    path("api/v1/", include("carrefour.api.urls")),
    path("admin/", admin.site.urls),
]

if settings.MODE in {"demo", "test"}:
    urlpatterns.append(path("demo/", include("carrefour.demo.urls")))

handler400 = "carrefour.site.errors.bad_request"
handler403 = "carrefour.site.errors.forbidden"
handler404 = "carrefour.site.errors.not_found"
handler500 = "carrefour.site.errors.server_error"
