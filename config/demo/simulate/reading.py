"""On the portal: somebody searches, reads, says whether it helped."""

import re
from urllib.parse import urlencode

from config.demo import data

from .people import Person

_BY_COMPLETION, _FAILS, _VOTES, _HELPED = 0.64, 0.11, 0.08, 0.74


async def read(person: Person) -> tuple[str, str]:
    """One search, one article; its address and title. ("", "") when nothing was found."""
    rng, language = person.rng, person.language
    words = data.load("searches")
    asked = rng.choice(words[f"failed_{language}" if rng.random() < _FAILS else language])
    await person.get(f"/{language}/")
    await person.pace.about(4.0)
    found = ""
    if rng.random() < _BY_COMPLETION:
        completed = await person.get(f"/{language}/complete/?{urlencode({'q': asked})}")
        items = [one["url"] for one in completed.json()["items"] if "/article/" in one["url"]]
        found = f"{items[0]}?{urlencode({'q': asked})}" if items else ""
    if not found:
        page = await person.get(f"/{language}/search/?{urlencode({'q': asked})}")
        links = re.findall(rf'href="(/{language}/article/[\w-]+/)', page.text)
        if not links:
            return "", ""
        await person.pace.about(5.0)
        found = rng.choice(links[:3])
    page = await person.get(found)
    await person.pace.about(20.0)
    address = found.partition("?")[0]
    await person.form(f"{address}seen/", seconds=str(rng.randint(10, 120)))
    if rng.random() < _VOTES:
        await person.form(f"{address}vote/", helpful=str(int(rng.random() < _HELPED)))
    title = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.S)
    return address, title.group(1).strip() if title else ""
