"""What the desk answers when it does not do what was asked."""


class Refusal(Exception):
    """Not done, and nothing else either."""

    def __init__(self, code: str, message: str, status: int = 409) -> None:
        super().__init__(code)
        self.code, self.message, self.status = code, message, status
