"""Demo only: keeps every mail the outbox sends, shows it, and writes mails as a customer."""
