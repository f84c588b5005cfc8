"""Mail's verbs: receiving, threads, outbox, sending. Import the module, not the function."""
