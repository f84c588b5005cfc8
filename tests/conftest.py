"""What every test may use. Services and the network guard are in tests/services.py."""

from tests.services import refuse_network

refuse_network()
