"""Ninety believable days: volumes, rhythms, times, scores and stories of one French operator.

The figures are those that such operators tell of themselves; everything is drawn from seeded
generators, so that the same day is the same exchanges wherever it is made. History goes in by
COPY; today's live exchanges go through the services."""
