"""Articles as the tests write them: through the services, in a few words."""

from selfcare import search
from selfcare.models import Translation
from selfcare.services import articles
from tests.factories import ArticleFactory


def write(title: str, body: str = "", *, language: str = "fr", article=None, **more) -> Translation:
    of_article = {k: more.pop(k) for k in ("subject", "is_published", "visibility") if k in more}
    article = article or ArticleFactory(**of_article)
    made = articles.save(
        Translation(article=article, language=language, title=title, body=body, **more)
    )
    search.forget()
    return made
