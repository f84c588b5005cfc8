"""Lists are paged by key: page 1,000 costs what page 1 costs."""

from rest_framework.pagination import CursorPagination


class KeyPagination(CursorPagination):
    """By primary key, newest first; `?page_size=` up to 200."""

    ordering = "-pk"
    page_size_query_param = "page_size"
    max_page_size = 200
