"""Adding a passkey, in words that people know."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class AddPasskey(AddWebAuthnForm):
    """One that opens the account by itself, unless somebody wants it as a second factor only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of this key")
        alone = self.fields["passwordless"]
        alone.initial = True
        alone.label = _("Sign in with this key alone")
        alone.help_text = _("The device asks for your finger, your face or its own code.")


class AddPasskeyView(AddWebAuthnView):
    """Customers come back to their keys: the recovery codes, which stand there, are hidden behind
    another proof of who they are."""

    def get_success_url(self) -> str:
        return super().get_success_url() if self.request.user.is_staff else reverse("mfa_index")
