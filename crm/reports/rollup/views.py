"""The coarser cuts in which a day stands ready beside its whole: each question reads the smallest
that can answer it."""

from collections.abc import Iterable

from crm.reports.rollup.carried import AGENT, CHANNEL, DEVICE, LANGUAGE, QUEUE, SLOT, SUBJECT, Field

_LIGHT = (CHANNEL, LANGUAGE, DEVICE, QUEUE)
# by how much there is to read; a new one goes to the end of its kind, with its own number
VIEWS: dict[int, tuple[Field, ...]] = {
    0: (CHANNEL,),
    1: _LIGHT,
    2: (CHANNEL, SUBJECT),
    3: (CHANNEL, AGENT),
    4: (CHANNEL, SLOT),
    5: (*_LIGHT, SUBJECT),
    6: (*_LIGHT, AGENT),
    7: (*_LIGHT, SLOT),
}
WHOLE = 9  # all of it, from which the others are made


def mask(view: int) -> int:
    return sum(one.mask for one in VIEWS[view])


def smallest(needed: Iterable[Field]) -> int:
    wanted = set(needed)
    return next((view for view, fields in VIEWS.items() if wanted <= set(fields)), WHOLE)
