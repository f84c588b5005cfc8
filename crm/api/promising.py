"""A closing code that may promise something: what happens next, and by when."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from crm.services import interactions


class PromisingSerializer(serializers.Serializer):
    """Beside a field `outcome`."""

    next_step = serializers.CharField(
        max_length=200, required=False, default="",
        help_text="What was promised; wanted, with `next_by`, when the outcome says so.",
    )  # fmt: skip
    next_by = serializers.DateTimeField(required=False, default=None, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Both become one thing."""
        try:
            attrs["next_step"] = interactions.next_step(
                attrs["outcome"], attrs["next_step"], attrs.pop("next_by")
            )
        except interactions.NotSaid as missing:
            raise ValidationError({"next_step": [str(missing.words)]}) from None
        return attrs
