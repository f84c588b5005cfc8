"""What the reports keep ready, and what of it must be counted again (crm.reports.rollup)."""

from django.db import models


class ReportMark(models.Model):
    """Something that a figure counts has changed: what was kept of its half hours is read raw until
    it is counted again. Written by triggers, only ever added, so that writers never wait for each
    other; one that names an exchange means the half hours in which it counts at present."""

    at = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    interaction_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.pk}"


class ReportBlock(models.Model):
    """One figure of a day or a month, through one view: how many rows with which key and value."""

    class Grain(models.TextChoices):
        DAY = "day"
        MONTH = "month"

    measure = models.CharField(max_length=40)
    view = models.PositiveSmallIntegerField()
    grain = models.CharField(max_length=5, choices=Grain)
    first = models.DateField()  # its day, or the first of its month
    version = models.CharField(max_length=60)
    rows = models.BinaryField()  # crm.reports.rollup.entries

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "view", "grain", "first"], name="one_block_of_a_figure"
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.first}"


class ReportWord(models.Model):
    """A key of a dimension (a word, or an id), and the number that stands for it in blocks."""

    dimension = models.CharField(max_length=16)
    word = models.CharField(max_length=20)
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dimension", "word"], name="one_number_of_a_word"),
            models.UniqueConstraint(fields=["dimension", "number"], name="one_word_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.dimension}: {self.word}"
