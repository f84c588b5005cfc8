"""Simulated people, marked as such: agents on shift who answer from scripts, and customers with
small stories. They use the public doors only: HTTP, sockets, SMTP."""
