"""What every test may use: the cast here, services and the network guard in tests/services.py."""

from tests.people import *  # noqa: F403 (the fixed cast, fixtures by name)
from tests.schema import *  # noqa: F403 (the test database's tables)
from tests.services import refuse_network

refuse_network()
