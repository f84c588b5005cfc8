"""Somebody asks to be called, moves it, cancels it."""

import re
from html import unescape

from config.demo.history.volumes import subjects

from .browser import Answer, Refused
from .people import Person

_AT_ONCE, _MOVES, _CANCELS = 0.55, 0.2, 0.1
_PROMISE = re.compile(r'class="promise-when">([^<]*)<')
_TIMES = re.compile(r'name="when" value="([^"]+)"')


async def ask_for_a_call(person: Person, subject: str, about: str) -> None:
    rng, language = person.rng, person.language
    path = f"/{language}/callback/?subject={subject}"
    times = _TIMES.findall((await person.get(path)).text)
    if not times:
        return
    await person.pace.about(15.0)
    # a call takes a whole agent: whoever tries the product is left free for chats
    served = subjects()[subject]["queue"] in person.pace.served
    now = "now" in times and not served and rng.random() < _AT_ONCE
    when = "now" if now else rng.choice([time for time in times if time != "now"] or times)
    asked = {"name": person.named.name, "phone": person.named.phone, "mail": person.named.mail}
    page = await person.form(path, subject=subject, when=when, about=about, **asked)
    key = re.search(r"/callback/(\d+)/", page.where)
    if key is None:
        return
    own, i = f"/{language}/callback/{key.group(1)}/", int(key.group(1))
    person.ledger.write("asked", i=i, phone=person.named.phone, when=when)
    _saw(person, i, page)
    if now:
        return
    await person.pace.about(30.0)
    what = rng.random()
    if what < _CANCELS:
        await _changed(person, f"{own}cancel/", "cancelled", i)
    elif what < _CANCELS + _MOVES:
        others = [time for time in _TIMES.findall((await person.get(own)).text) if time != when]
        if others:
            await _changed(person, f"{own}move/", "moved", i, when=rng.choice(others))


async def _changed(person: Person, path: str, what: str, i: int, **given: str) -> None:
    person.ledger.write(f"{what}?", i=i, **given)
    try:
        page = await person.form(path, **given)
    except Refused:  # taken by somebody else, or too late
        return
    person.ledger.write(what, i=i, **given)
    _saw(person, i, page)


def _saw(person: Person, i: int, page: Answer) -> None:
    """The promise as their page says it; none once it is cancelled."""
    said = _PROMISE.search(page.text)
    promise = unescape(said.group(1)) if said else ""
    person.ledger.write("promised", i=i, promise=promise, language=person.language)
