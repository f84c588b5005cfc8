"""What the application's role may do: its work, and not to rewrite history."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections, transaction
from psycopg import sql

_GRANTS = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {role};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role};
REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES ON crm_auditentry FROM {role};
REVOKE UPDATE, TRUNCATE, TRIGGER, REFERENCES ON crm_auditvalue FROM {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role};
"""


class Command(BaseCommand):
    help = "After each migration, with DATABASE_OWNER_URL: what the application's role may do."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", required=True, help="the role of DATABASE_URL")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = connections["owner" if "owner" in connections else "default"]
        with transaction.atomic(using=owner.alias), owner.cursor() as cursor:
            role = sql.Identifier(options["role"])
            cursor.execute(sql.SQL(_GRANTS).format(role=role).as_string(cursor.connection))
