"""What somebody reads when the house cannot serve them."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/api/v1/", "/console/"])
def test_a_name_that_is_not_ours_is_refused_in_words(client, path):
    client.raise_request_exception = False
    answer = client.get(path, headers={"host": "mallory.example"})
    assert answer.status_code == 400
    assert answer.content
