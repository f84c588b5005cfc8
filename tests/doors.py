"""Who knocks: clients that are signed in as somebody, as far as a test says."""

from django.test import Client

from crm.services.access import DEMO_KEY


def stranger() -> Client:
    return Client()


def signed_in(user, *, second_factor: bool) -> Client:
    """`second_factor`: the session counts as opened with two (the demo's and the tests' mark)."""
    client = Client()
    client.force_login(user)
    if second_factor:
        session = client.session
        session[DEMO_KEY] = True
        session.save()
    return client
