"""(waits for the base)"""
class VisitorConsumer:
    @classmethod
    def as_asgi(cls): return None
