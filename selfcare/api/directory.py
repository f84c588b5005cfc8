"""Phone numbers, actions and manners of subjects under /api/v1/."""

from typing import Any, cast

from rest_framework import serializers, viewsets

from crm.models import Subject
from selfcare.models import Action, PhoneNumber, SubjectManners
from selfcare.services import phone_book


class _ForSubjects(serializers.ModelSerializer):
    subjects = serializers.SlugRelatedField(
        slug_field="slug", queryset=Subject.objects.all(), many=True
    )


class PhoneNumberSerializer(_ForSubjects):
    class Meta:
        model = PhoneNumber
        fields = (
            "id",
            "name_fr",
            "name_en",
            "dialled",
            "country",
            "price_kind",
            "price",
            "schedule",
            "subjects",
            "relay_url",
            "is_active",
            "position",
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        made = cast(PhoneNumber, self.instance or PhoneNumber())
        known = {f: getattr(made, f) for f in ("dialled", "country", "price_kind", "price")}
        wanted = PhoneNumber(**{f: attrs.get(f, value) for f, value in known.items()})
        wanted.clean()
        subjects = attrs.get("subjects")
        if subjects is None:
            subjects = list(Subject.objects.filter(phone_numbers=made)) if made.pk else []
        try:
            phone_book.check(wanted, subjects)
        except phone_book.Refused as refusal:
            raise serializers.ValidationError({"price_kind": [str(refusal)]}) from refusal
        return attrs


class ActionSerializer(_ForSubjects):
    class Meta:
        model = Action
        fields = ("id", "name_fr", "name_en", "url", "icon", "subjects", "position", "is_active")


class SubjectMannersSerializer(serializers.ModelSerializer):
    class Meta:
        model = SubjectManners
        fields = ("id", "subject", "is_presales", "cancel_url")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        made = self.instance or SubjectManners()
        subject = attrs.get("subject") or made.subject
        presales = attrs.get("is_presales", made.is_presales)
        try:
            phone_book.check_manners(SubjectManners(subject=subject, is_presales=presales))
        except phone_book.Refused as refusal:
            raise serializers.ValidationError({"is_presales": [str(refusal)]}) from refusal
        return attrs


class PhoneNumberViewSet(viewsets.ModelViewSet):
    """The phone directory."""

    queryset = PhoneNumber.objects.prefetch_related("subjects")
    serializer_class = PhoneNumberSerializer


class ActionViewSet(viewsets.ModelViewSet):
    """Cards that lead into the company's own customer area."""

    queryset = Action.objects.prefetch_related("subjects")
    serializer_class = ActionSerializer


class SubjectMannersViewSet(viewsets.ModelViewSet):
    """What the law says of a subject."""

    queryset = SubjectManners.objects.all()
    serializer_class = SubjectMannersSerializer


routes = [
    ("phone-numbers", PhoneNumberViewSet, "phonenumber"),
    ("actions", ActionViewSet, "action"),
    ("subject-manners", SubjectMannersViewSet, "subjectmanners"),
]
