"""Addresses of the pages that compose several rooms of the house, and of the static ones."""

from django.contrib.sitemaps import views as sitemap_views
from django.urls import include, path

from carrefour.caching import public_page
from carrefour.site import contact, health, pages, views
from carrefour.site.sitemaps import SITEMAPS

site = [
    path("", views.home, name="home"),
    path("mentions-legales/", pages.page("site/legal.html"), name="legal"),
    path("donnees-personnelles/", pages.page("site/privacy.html"), name="privacy"),
    path("accessibilite/", pages.page("site/accessibility.html"), name="accessibility"),
    path("moissonnage/", pages.page("site/harvesting.html"), name="harvesting"),
    path(
        "comment-une-fiche-est-composee/",
        pages.page("site/composition.html"),
        name="composition",
    ),
    path(
        "comment-une-reprise-est-publiee/",
        pages.page("site/replications.html"),
        name="replications",
    ),
    path("completude/", pages.completeness, name="completeness"),
    path("donnees-ouvertes/", pages.open_data, name="open_data"),
    path("plan-du-site/", pages.sitemap_page, name="sitemap_page"),
    path("contact/", contact.contact, name="contact"),
    path("contact/merci/", pages.page("site/contact_sent.html"), name="contact_sent"),
    path("healthz", health.healthz, name="healthz"),
    path("robots.txt", pages.robots, name="robots"),
    path(
        "sitemap.xml",
        public_page(600)(sitemap_views.index),
        {"sitemaps": SITEMAPS, "sitemap_url_name": "site:sitemap_section"},
        name="sitemap",
    ),
    path(
        "sitemap-<section>.xml",
        public_page(600)(sitemap_views.sitemap),
        {"sitemaps": SITEMAPS},
        name="sitemap_section",
    ),
]
territories = [path("<slug:kind>/<slug:code>/", views.territory, name="detail")]

# No app_name: one include of this module gives both namespaces, « site » and « territories ».
urlpatterns = [
    path("", include((site, "site"))),
    path("territoires/", include((territories, "territories"))),
]
