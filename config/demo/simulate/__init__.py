"""One simulated agent, marked as such: Amélie answers box questions at any hour, so that the
window comes to whoever opens a help page, now. She uses the public doors only: HTTP, sockets."""
