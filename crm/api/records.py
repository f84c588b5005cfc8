"""Customers over REST: their fields and own fields, identities, tags and merges. What is sent is
checked by the same services as in the console."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from crm.api.conflict import Conflict
from crm.models import Customer, Merge, MergeSuggestion, OwnField
from crm.services import customers, own_fields, rights


@extend_schema_field({"type": "object", "additionalProperties": True})
class OwnValuesField(serializers.JSONField):
    """Own fields by key; those not sent stay, null empties one."""


class OwnSerializer(serializers.ModelSerializer):
    """A thing with own fields, checked by their definitions."""

    own = OwnValuesField(required=False)

    def validate_own(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError(_("An object with a value per key."))
        model: Any = self.Meta.model  # type: ignore[attr-defined]
        thing = self.instance if self.instance is not None else model()
        try:
            own_fields.assign(thing, value)
        except own_fields.BadOwnFields as error:
            raise ValidationError(error.errors) from error  # type: ignore[arg-type]
        return dict(thing.own)

    def save(self, **kwargs: Any) -> Any:
        own = self.validated_data.pop("own", None)
        thing = super().save(**kwargs)
        if own is not None:
            own_fields.set_all(thing, own)
            thing.save(update_fields=["own", "own_terms"])
        return thing


class OwnFilter(BaseFilterBackend):
    """`?own.plan=Fibre`, and `own.seats.min=10`, `own.seats.max=20` for numbers and dates. A key
    or a value that cannot be is a 400, not an empty list."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        asked = {
            k.removeprefix("own."): v for k, v in request.query_params.items() if k[:4] == "own."
        }
        if not asked:
            return queryset
        known = {f.key: f for f in own_fields.definitions(queryset.model._meta.model_name)}
        for name, value in asked.items():
            key, _dot, end = name.partition(".")
            try:
                queryset = own_fields.narrowed(queryset, known[key], value, end)
            except KeyError:
                raise ValidationError({f"own.{name}": [_("There is no such field.")]}) from None
            except ValueError as error:
                raise ValidationError({f"own.{name}": [str(error)]}) from error
        return queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "own",
                "in": "query",
                "required": False,
                "description": "By own fields: own.<key>=value; for numbers and dates also "
                "own.<key>.min and own.<key>.max.",
                "style": "form",
                "explode": True,
                "schema": {"type": "object", "additionalProperties": {"type": "string"}},
            }
        ]


OWN_FILTERS: list[Any] = [*api_settings.DEFAULT_FILTER_BACKENDS, OwnFilter]


class OwnFieldSerializer(serializers.ModelSerializer):
    class Meta:
        model = OwnField
        fields = [
            "id", "about", "key", "kind", "name_fr", "name_en", "choices", "help_text",
            "is_searched", "is_active", "position",
        ]  # fmt: skip


class OwnFieldViewSet(viewsets.ReadOnlyModelViewSet):
    """The definitions of the own fields; an administrator writes them in the console."""

    queryset = OwnField.objects.all()
    serializer_class = OwnFieldSerializer
    filterset_fields = ["about", "is_active"]


class SuggestionSerializer(serializers.ModelSerializer):
    class Meta:
        model = MergeSuggestion
        fields = ["id", "elder", "younger", "reasons", "created_at"]


class SuggestionViewSet(viewsets.ReadOnlyModelViewSet):
    """Pairs of records that may be one person, not decided yet."""

    queryset = MergeSuggestion.objects.all()
    serializer_class = SuggestionSerializer
    filterset_fields = ["elder", "younger"]

    def get_queryset(self) -> QuerySet[MergeSuggestion]:
        mine = rights.customers_for(self.request.user).values("pk")
        rows = customers.open_suggestions().select_related(None)
        return rows.filter(elder__in=mine, younger__in=mine)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str | None = None) -> Response:
        """They are two people."""
        customers.dismiss(self.get_object(), by=request.user)  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)


class SidesField(serializers.DictField):
    child = serializers.ChoiceField(
        choices=[(customers.KEPT, _("kept")), (customers.GONE, _("merged into it"))]
    )


class MergeAskedSerializer(serializers.Serializer):
    kept = serializers.IntegerField(help_text="The customer whose record stays.")
    gone = serializers.IntegerField(help_text="The customer whose record becomes part of it.")
    choices = SidesField(
        required=False, help_text="Field → whose value, kept or gone; own fields as own.<key>."
    )


class UndoAskedSerializer(serializers.Serializer):
    sides = SidesField(
        required=False, help_text="`later.name` of the plan → who gets it, kept or gone."
    )


class MergeSerializer(serializers.ModelSerializer):
    class Meta:
        model = Merge
        fields = ["id", "kept", "gone", "at", "by", "undone_at", "undone_by"]


class LaterSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="Table and number, such as notes.42.")
    what = serializers.CharField()
    side = serializers.CharField()
    why = serializers.CharField()


class CountSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class PlanSerializer(serializers.Serializer):
    """Who would get what."""

    back = CountSerializer(many=True)
    later = LaterSerializer(many=True)
    restored = serializers.ListField(child=serializers.CharField())
    changed_since = serializers.ListField(child=serializers.CharField())
    stays = CountSerializer(many=True)


class MergeViewSet(viewsets.ReadOnlyModelViewSet):
    """The journal of merges. Posting merges; each one can be undone."""

    queryset = Merge.objects.all()
    serializer_class = MergeSerializer
    filterset_fields = ["kept", "gone"]

    def get_queryset(self) -> QuerySet[Merge]:
        return Merge.objects.filter(kept__in=rights.customers_for(self.request.user).values("pk"))

    @extend_schema(request=MergeAskedSerializer, responses={201: MergeSerializer})
    def create(self, request: Request) -> Response:
        """Merge `gone` into `kept`. 409: one of them is merged already."""
        asked = MergeAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        seen = {
            row.pk: row
            for row in rights.customers_for(request.user).filter(
                pk__in=[_key(data["kept"]), _key(data["gone"])]
            )
        }
        try:
            kept, gone = seen[data["kept"]], seen[data["gone"]]
            made = customers.merge(
                kept,
                gone,
                by=request.user,  # type: ignore[arg-type]
                choices=data.get("choices"),
            )
        except KeyError:
            raise NotFound from None
        except customers.NotMergeable as error:
            raise Conflict({"gone": str(error)}) from error
        except customers.BadChoice as error:
            raise ValidationError({"choices": [str(error)]}) from error
        return Response(MergeSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={200: PlanSerializer})
    @action(detail=True, methods=["get"])
    def plan(self, request: Request, pk: str | None = None) -> Response:
        """What undoing would do. 409: it cannot be undone, with the reason."""
        try:
            return Response(PlanSerializer(customers.plan(self.get_object())).data)
        except customers.NotUndoable as error:
            raise Conflict({"detail": str(error)}) from error

    @extend_schema(request=UndoAskedSerializer, responses={200: MergeSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str | None = None) -> Response:
        """Two records again."""
        asked = UndoAskedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sides = asked.validated_data.get("sides")
        try:
            row = customers.undo(self.get_object(), by=request.user, sides=sides)  # type: ignore[arg-type]
        except customers.NotUndoable as error:
            raise Conflict({"detail": str(error)}) from error
        return Response(MergeSerializer(row).data)


class TagsSerializer(serializers.Serializer):
    tags = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=20, help_text="All of them."
    )


class NewIdentitySerializer(serializers.Serializer):
    kind = serializers.ChoiceField(
        choices=[("mail", _("email")), ("phone", _("phone")), ("external", _("external number"))]
    )
    value = serializers.CharField(max_length=254)


class CustomerVerbs:
    """What is done to one customer, beside reading and correcting the fields."""

    @extend_schema(request=TagsSerializer, responses={200: TagsSerializer})
    @action(detail=True, methods=["post"])
    def tags(self, request: Request, pk: str | None = None) -> Response:
        """The customer has these tags and no others."""
        _must(request, "crm.change_customer")
        customer: Customer = self.get_object()  # type: ignore[attr-defined]
        asked = TagsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        customers.set_tags(customer, asked.validated_data["tags"])
        return Response({"tags": [tag.name for tag in customer.tags.all()]})

    @extend_schema(request=NewIdentitySerializer, responses={201: NewIdentitySerializer})
    @action(detail=True, methods=["post"], url_path="identities")
    def add_identity(self, request: Request, pk: str | None = None) -> Response:
        """One more way to recognise them, claimed and not verified. 409: it is somebody else's,
        and the pair is suggested for a merge."""
        _must(request, "crm.add_identity")
        customer: Customer = self.get_object()  # type: ignore[attr-defined]
        asked = NewIdentitySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        kind, value = asked.validated_data["kind"], asked.validated_data["value"]
        try:
            made = customers.told_identity(customer, kind, value, source="api")
        except customers.BadIdentity:
            raise ValidationError({"value": [_("This cannot be one.")]}) from None
        except customers.IdentityTaken:
            raise Conflict({"value": [_("Another customer has it.")]}) from None
        return Response({"kind": made.kind, "value": made.value}, status=status.HTTP_201_CREATED)


def _must(request: Request, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _key(number: int) -> int:
    """A number no column could hold is nobody's."""
    return number if 0 < number < 2**63 else 0


routes: list[tuple[str, type[viewsets.GenericViewSet], str]] = [
    ("own-fields", OwnFieldViewSet, "own_field"),
    ("duplicates", SuggestionViewSet, "duplicate"),
    ("merges", MergeViewSet, "merge"),
]
