"""Measurements, each beside the bare limit or a peer measured in the same run."""
