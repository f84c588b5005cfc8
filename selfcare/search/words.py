"""A question's words: folded, without grammar, as stems of its language. No Django.

The asking words ("comment", "how") say that it is a question, not what about: they leave the query
only, since a title may hold them for a reason."""

from functools import cache, lru_cache
from sys import intern

import Stemmer  # type: ignore[import-not-found]  # a C extension without stubs

from crm.text import words

_GRAMMAR = {
    "fr": """
        a à afin ai aie aient aies ainsi ait alors an au aura aurai auraient aurais aurait auras
        aurez auriez aurions aurons auront aussi aux avaient avais avait avec avez aviez avions
        avoir avons ayant ayez ayons c ça car ce ceci cela celle celles celui ces cet cette ceux
        chez ci d dans de des deux donc dont du elle elles en es est et etaient étais était étant
        été êtes étiez étions être eu eux fais fut ici il ils j je jusqu jusque l la là le les leur
        leurs lors lorsque lui m ma mais me même mêmes mes moi moins mon n ne ni nos notre nous on
        ont ou où par parce pas peu pour pourtant puis puisque qu quand que qui s sa sans se sera
        serai seraient serais serait seras serez seriez serions serons seront ses si sinon soient
        sois soit sommes son sont sous soyez soyons suis sur t ta te tel telle tes toi ton très tu
        un une vers vos votre vous y
    """,
    "en": """
        a ain also although am an and any are aren as at be because been being both but by couldn d
        did didn do does doesn doing don done either for from had hadn has hasn have haven having he
        her here hers him his i if in into is isn it its itself just ll m me my myself nor of on or
        other our ours over re s same she shouldn so some such t than that the their theirs them
        then there these they this those through to too us ve very was wasn we were weren while will
        with won would wouldn yet you your yours
    """,
}
_ASKING = {
    "fr": """
        aide aider aller allez allons avoir besoin bjr bonjour bonsoir cherche cmt combien comment
        connaître devais devait devez devoir devons devra devrai devraient devrais devrait devras
        devrez devriez devrions devrons devront dire dites dois doit doivent existe faire fais
        faisais faisons fait faites fallait falloir faudra faudrait faut fera ferai ferais ferait
        font kel koi laquelle lequel lesquels merci peut peuvent peux pk pkoi plaît possible
        pourquoi pourra pourrai pourraient pourrais pourrait pourras pourrez pourriez pourrions
        pourrons pourront pouvais pouvait pouvez pouvoir pouvons problème puisse quel quelle quelles
        quelqu quelque quelques quels question quoi sais sait salut saurais savent savez savoir
        savons slt souhaite stp svp va vais vas veulent veut veux vont voudrais voudrait voudriez
        voudrions voulais voulez vouloir voulons ya
    """,
    "en": """
        able am anybody anyone can cannot could explain find get gets getting going got hello help
        hey hi how know like may maybe might must need please pls plz possible question shall should
        somebody someone tell thank thanks there tried try trying want way ways what when where
        whether which who whom whose why will wondering would
    """,
}
# when, how much, where it says so: part of what people say, and of no article's subject
_PASSING = {
    "fr": """
        aujourd beaucoup déjà demain depuis écrit écrite encore hier hui indiqué indiquée inscrit
        inscrite jour journée jours maintenant marqué marquée matin matinée noté notée nuit rien
        semaine soir soirée toujours tous tout toute toutes trop trouve trouver vraiment
    """,
    "en": """
        all already always evening keep keeps morning much night now printed really since still
        today tomorrow tonight week written yesterday
    """,
}
_SNOWBALL = {"fr": "french", "en": "english"}


@cache
def _folded(kind: str, language: str) -> frozenset[str]:
    lists = {"grammar": _GRAMMAR, "asking": _ASKING, "passing": _PASSING}
    return frozenset(words(lists[kind][language]))


def grammar(language: str) -> frozenset[str]:
    """The words that only a language's grammar and its questions use."""
    return _folded("grammar", language) | _folded("asking", language)


def passing(language: str) -> frozenset[str]:
    return _folded("passing", language)


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    # a Stemmer is not safe between threads; it is cheap, and the cache makes it rare
    return str(Stemmer.Stemmer(_SNOWBALL[language], 0).stemWord(word))


def content(text: str, language: str) -> list[str]:
    """The words of a title or a text that carry its meaning, unstemmed."""
    grammar = _folded("grammar", language)
    return [word for word in words(text) if word not in grammar]


def asked(text: str, language: str) -> list[str]:
    """The words of a query that carry its meaning; all its words when none does."""
    asking = _folded("asking", language)
    carrying = [word for word in content(text, language) if word not in asking]
    return carrying or content(text, language) or words(text)


def trigrams(found: list[str]) -> list[str]:
    """Letter triples of each word padded with a blank: what typing errors leave standing."""
    grams = []
    for word in found:
        padded = f" {word} "
        # one object each: an index of many titles holds millions of them while it is built
        grams += [intern(padded[at : at + 3]) for at in range(len(padded) - 2)]
    return grams
