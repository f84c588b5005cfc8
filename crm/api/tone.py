"""Tone guides and the stop list over REST."""

from rest_framework import viewsets

from crm.api.replies import Cleaned
from crm.models import StopRule, ToneGuide


class ToneGuideSerializer(Cleaned):
    class Meta:
        model = ToneGuide
        fields = [
            "id", "queue", "greeting", "name", "formal", "capitals", "most_exclamations",
            "most_words", "closing", "closing_fr", "closing_en",
        ]  # fmt: skip


class ToneGuideViewSet(viewsets.ModelViewSet):
    """What the desk hints at while somebody writes from a queue; it never blocks."""

    queryset = ToneGuide.objects.all()
    serializer_class = ToneGuideSerializer


class StopRuleSerializer(Cleaned):
    class Meta:
        model = StopRule
        fields = [
            "id", "name", "kind", "words", "advice_fr", "advice_en", "stops", "masks", "is_active",
        ]  # fmt: skip


class StopRuleViewSet(viewsets.ModelViewSet):
    """What does not leave, and what is masked. A change counts within ten seconds."""

    queryset = StopRule.objects.all()
    serializer_class = StopRuleSerializer


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [
    ("tone-guides", ToneGuideViewSet, "toneguide"),
    ("stop-rules", StopRuleViewSet, "stoprule"),
]
