"""Who of the background processes still lives."""

from django.db import models


class Pulse(models.Model):
    """The last sign of life of a worker queue or of beat, in real time."""

    name = models.CharField(primary_key=True, max_length=40)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
