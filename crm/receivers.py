"""When this happened, that follows: one page, the kernel part of the automation."""
