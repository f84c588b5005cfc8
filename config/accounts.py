"""How people sign in, and how allauth's mails leave: through the outbox."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """(being written)"""
