"""The console: Django's admin in unfold's clothes, with our own pages."""

from unfold.sites import UnfoldAdminSite


class ConsoleSite(UnfoldAdminSite):
    """(being written)"""
