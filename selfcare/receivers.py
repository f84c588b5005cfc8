"""When this happened, that follows."""
