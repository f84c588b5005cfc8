"""Mail itself: bytes to record, record to bytes, and the wire. Knows no service."""
