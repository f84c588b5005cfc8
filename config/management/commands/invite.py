"""The first administrator, whom nobody can invite from the console yet."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from config.invitations import Invitation, address_for, invite
from crm.services import roles


class Command(BaseCommand):
    help = "Invite a colleague by mail, and show the link: for the first one of an installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--first-name", required=True)
        parser.add_argument("--role", choices=list(roles.ROLES), default=roles.ADMINISTRATOR)
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, default=settings.LANGUAGE_CODE)

    def handle(self, *args: Any, **options: Any) -> None:
        invitation = Invitation(options["email"], options["role"], options["first_name"])
        try:
            validate_email(invitation.email)
            user = invite(invitation, by=None, language=options["language"])
        except forms.ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(address_for(user))
