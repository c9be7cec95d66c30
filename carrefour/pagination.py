"""Keyset pagination for the API: no gap and no duplicate while records change."""

from rest_framework.pagination import CursorPagination


class ApiPagination(CursorPagination):
    page_size = 20
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering = "pk"
