"""The demo: its data, its doors by link, its simulated people."""
