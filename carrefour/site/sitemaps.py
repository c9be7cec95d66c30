"""What search engines may find: the public pages, each at its own address."""

from datetime import datetime

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from essaimage.models import Replication
from innovations.models import Innovation
from partners.models import Partner

PAGES = (
    "site:home",
    "innovations:search",
    "essaimage:spread",
    "partners:list",
    "essaimage:obstacles",
    "essaimage:experiments",
    "site:open_data",
    "site:harvesting",
    "site:composition",
    "site:replications",
    "site:contact",
    "site:legal",
    "site:privacy",
    "site:accessibility",
    "site:sitemap_page",
)


class SiteSitemap(Sitemap):
    """Addresses built on the public address of the site, whatever host asked."""

    limit = 5000

    def get_domain(self, site: object = None) -> str:
        return settings.BASE_URL.partition("://")[2]

    def get_protocol(self, protocol: str | None = None) -> str:
        return settings.BASE_URL.partition("://")[0]


class PagesSitemap(SiteSitemap):
    def items(self) -> tuple[str, ...]:
        return PAGES

    def location(self, item: str) -> str:
        return reverse(item)


class InnovationsSitemap(SiteSitemap):
    def items(self) -> QuerySet[Innovation]:
        return Innovation.objects.published().only("slug", "updated_at").order_by("pk")

    def lastmod(self, item: Innovation) -> datetime:
        return item.updated_at


class SpreadsSitemap(SiteSitemap):
    """The pages of spread of the records that have one to tell."""

    def items(self) -> QuerySet[Innovation]:
        shown = Replication.objects.of_public()
        told = Coalesce("innovation__merged_into", "innovation")
        published = Innovation.objects.published().only("slug").order_by("pk")
        return published.filter(pk__in=shown.values_list(told))

    def location(self, item: Innovation) -> str:
        return reverse("essaimage:spread_of", args=[item.slug])


class ReplicationsSitemap(SiteSitemap):
    def items(self) -> QuerySet[Replication]:
        return Replication.objects.of_public().only("code").order_by("pk")


class PartnersSitemap(SiteSitemap):
    def items(self) -> QuerySet[Partner]:
        return Partner.objects.active().only("slug").order_by("pk")


SITEMAPS: dict[str, type[Sitemap]] = {
    "pages": PagesSitemap,
    "innovations": InnovationsSitemap,
    "essaimage": SpreadsSitemap,
    "partenaires": PartnersSitemap,
    "reprises": ReplicationsSitemap,
}
