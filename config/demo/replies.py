"""How the demo company's agents write: replies by `/`, macros, how often used, tone guides."""

import random
from datetime import timedelta
from typing import Any

from crm import clock
from crm.models import Interaction, Macro, Queue, ReplyTemplate, ReplyUse, Subject, ToneGuide

# name → shortcut, queue or all, French, English
TEMPLATES = {
    "Redémarrer la box": (
        "box", "box",
        "{greeting} {name},\n\nRetirez la prise de votre box, attendez **dix secondes**, puis "
        "rebranchez-la. Le voyant devient vert en cinq minutes environ.\n\n"
        "S’il reste rouge, répondez à cet e-mail\u00a0: nous faisons un test de la ligne.",
        "{greeting} {name},\n\nUnplug your box, wait **ten seconds**, then plug it in again. The "
        "light turns green within five minutes.\n\nIf it stays red, answer this email and we "
        "test the line.",
    ),
    "Appairer la télécommande": (
        "tele", "box",
        "Appuyez en même temps sur OK et sur Retour pendant cinq secondes, à moins d’un mètre du "
        "décodeur. Le voyant clignote deux fois quand c’est fait.",
        "Hold OK and Back together for five seconds, within a metre of the decoder. The light "
        "blinks twice when it is done.",
    ),
    "Test de ligne": (
        "ligne", "box",
        "Je lance un test de votre ligne, {name}. Il dure une minute\u00a0; votre connexion peut "
        "se couper un instant.",
        "I am testing your line, {name}. It takes a minute; your connection may drop briefly.",
    ),
    "Facture expliquée": (
        "facture", "billing",
        "{greeting} {name},\n\nVotre facture contient\u00a0:\n\n- l’abonnement du mois à venir\n"
        "- les communications du mois passé\n\nLe détail est dans votre espace client.",
        "{greeting} {name},\n\nYour bill has:\n\n- next month’s subscription\n- last month’s "
        "calls\n\nThe details are in your customer area.",
    ),
    "Code PUK": (
        "puk", "mobile",
        "Votre code PUK est dans votre espace client, rubrique «\u00a0Ma carte SIM\u00a0». Je ne "
        "peux pas vous le donner ici, pour votre sécurité.",
        "Your PUK code is in your customer area, under “My SIM card”. I cannot give it here, for "
        "your safety.",
    ),
    "Nous cherchons": (
        "cherche", "",
        "{greeting} {name},\n\nMerci de votre message. Je vérifie votre demande n°\u00a0"
        "{reference} et je vous réponds demain au plus tard.",
        "{greeting} {name},\n\nThank you for your message. I am looking into your request no. "
        "{reference} and answer you by tomorrow.",
    ),
    "Autre question": (
        "autre", "",
        "Avez-vous une autre question, {name}\u00a0?",
        "Is there anything else, {name}?",
    ),
}  # fmt: skip


def ensure() -> None:
    for name, (shortcut, slug, french, english) in TEMPLATES.items():
        ReplyTemplate.objects.get_or_create(
            name=name,
            defaults={
                "shortcut": shortcut,
                "queue": _queue(slug),
                "text_fr": french,
                "text_en": english,
            },
        )
    _macros()
    for queue in Queue.objects.all():
        ToneGuide.objects.get_or_create(queue=queue)


def _queue(slug: str) -> Queue | None:
    return Queue.objects.get(slug=slug) if slug else None


def _macros() -> None:
    replies = {one.name: one for one in ReplyTemplate.objects.all()}
    for name, slug, steps in (
        ("Box redémarrée, c’est réglé", "box", {
            "reply": replies["Autre question"],
            "note": "Box redémarrée avec le client, connexion revenue.",
            "subject": Subject.objects.get(slug="no-internet"),
            "nature": "fault", "then": "close", "outcome": "solved",
        }),
        ("Test de ligne, je reviens", "box", {
            "reply": replies["Test de ligne"], "then": "snooze", "snooze_hours": 1,
        }),
        ("Facture\u00a0: aux spécialistes", "box", {
            "note": "Question de facture, identité à vérifier.",
            "then": "transfer", "to_queue": _queue("billing"),
        }),
        ("Je cherche, réponse demain", "", {
            "reply": replies["Nous cherchons"], "then": "snooze", "snooze_hours": 20,
        }),
    ):  # fmt: skip
        Macro.objects.get_or_create(name=name, defaults={"queue": _queue(slug), **steps})


def uses(seed: int = 7) -> None:
    """How often each was used in the last weeks, once there are exchanges to have used them in."""
    if ReplyUse.objects.exists():
        return
    rng = random.Random(seed)  # noqa: S311 (a demo's history, the same every time)
    since = clock.now() - timedelta(days=60)
    answered: Any = Interaction.objects.filter(closed_at__gt=since, closed_by__isnull=False)
    rows = list(answered.order_by("-pk").values_list("pk", "queue__slug", "closed_at")[:3000])
    made = []
    for template in ReplyTemplate.objects.select_related("queue"):
        slug, often = template.queue.slug if template.queue else None, rng.uniform(0.03, 0.15)
        changed = rng.uniform(0.08, 0.7)
        for pk, queue, at in rows:
            if (slug is None or queue == slug) and rng.random() < often:
                key, edited = f"demo.{template.pk}", rng.random() < changed
                made.append(ReplyUse(template=template, interaction_id=pk, client_id=key,
                                     edited=edited, at=at))  # fmt: skip
    ReplyUse.objects.bulk_create(made)
