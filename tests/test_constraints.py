"""What the models promise, the migrated database keeps."""

import pytest
from django.apps import apps
from django.db import connection

pytestmark = pytest.mark.django_db


def test_every_constraint_and_index_of_the_models_is_in_the_database() -> None:
    # Django drops a partial unique constraint on one column with that column's own index
    missing = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            meta = model._meta
            there = connection.introspection.get_constraints(cursor, meta.db_table)
            promised = [one.name for one in (*meta.constraints, *meta.indexes)]
            missing += [f"{meta.label}: {name}" for name in promised if name not in there]
    assert not missing
