"""What somebody reads when the house cannot serve them."""

import pytest
from django.db import OperationalError
from psycopg_pool import PoolTimeout

from config.middleware import Rush

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/api/v1/", "/console/"])
def test_a_name_that_is_not_ours_is_refused_in_words(client, path):
    client.raise_request_exception = False
    answer = client.get(path, headers={"host": "mallory.example"})
    assert answer.status_code == 400
    assert answer.content


@pytest.mark.parametrize("path", ["/fr/", "/api/v1/customers/"])
def test_in_a_rush_people_are_asked_to_come_back(rf, path):
    error = OperationalError("couldn't get a connection after 30.00 sec")
    error.__cause__ = PoolTimeout()
    answer = Rush(None).process_exception(rf.get(path), error)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert Rush(None).process_exception(rf.get(path), OperationalError("gone")) is None


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("2026-11-22T10:00:00+16:08", 200),
        ("1178-08-23T10:42:03.9+23:59", 200),
        ("0001-01-01T00:00:00+23:59", 400),
        ("9999-12-31T23:59:59-23:59", 400),
        ("yesterday", 400),
    ],
)
def test_a_list_is_narrowed_by_a_moment_of_any_zone(root, said, status):
    assert root.get("/api/v1/due-times/", {"due_at__gte": said}).status_code == status
