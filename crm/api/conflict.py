"""The answer to what cannot be done now, although it was asked rightly."""

from rest_framework import status
from rest_framework.exceptions import APIException


class Conflict(APIException):
    """A sentence, or sentences by field."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
