"""The form behind every "Sign in", on two doors."""

from allauth.account.forms import LoginForm

from config.context import is_for_staff


class SignInForm(LoginForm):
    """Colleagues give their password, and are asked for their app or key next; customers have none
    and get a code by mail."""

    def _setup_password_field(self) -> None:
        if self.request is None or not is_for_staff(self.request):
            del self.fields["password"]
