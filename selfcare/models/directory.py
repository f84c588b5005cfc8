"""What stands beside a subject: numbers to dial, actions in the customer's area, its manners."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Schedule, Subject
from crm.models.bilingual import Bilingual

_WEB = URLValidator(schemes=["https", "http"])
_DIALLED = re.compile(r"\+?[0-9][0-9 ]{1,22}")


class SubjectManners(models.Model):
    """What the law says of a subject; one without a row is after-sales, where no number may cost
    more than a call."""

    subject = models.OneToOneField(
        Subject, models.CASCADE, related_name="manners", verbose_name=_("subject")
    )
    is_presales = models.BooleanField(
        _("advice before a contract"),
        default=False,
        help_text=_("Only such subjects may have a number that costs more than a call."),
    )
    cancel_url = models.CharField(
        _("address where a contract is cancelled"),
        max_length=500,
        validators=[_WEB],
        blank=True,
        help_text=_(
            "For the subject of cancelling: articles and forms show this link first, and propose "
            "nothing instead. It must work without an account."
        ),
    )

    class Meta:
        verbose_name = _("manners of a subject")
        verbose_name_plural = _("manners of subjects")
        ordering = ["subject"]

    def __str__(self) -> str:
        return str(self.subject)


class PhoneNumber(Bilingual):
    """A number that customers may dial: text and a country, since short numbers are no identity."""

    class Price(models.TextChoices):
        FREE = "free", _("Service & call free")
        CALL = "call", _("Free service + price of a call")
        PREMIUM = "premium", _("Paid service + price of a call")

    dialled = models.CharField(
        _("number as dialled"), max_length=24, help_text=_("For example 0 800 00 10 10, 39 00.")
    )
    country = models.CharField(_("country"), max_length=2, default="FR")
    price_kind = models.CharField(_("price"), max_length=8, choices=Price, default=Price.FREE)
    price = models.CharField(
        _("price of a minute or call"),
        max_length=30,
        blank=True,
        help_text=_("For a paid service, as the label says it: 0,15 €/min."),
    )
    schedule = models.ForeignKey(
        Schedule, models.PROTECT, null=True, blank=True, verbose_name=_("opening hours")
    )
    subjects = models.ManyToManyField(
        Subject,
        related_name="phone_numbers",
        verbose_name=_("subjects"),
        help_text=_("It is shown for these and nowhere else."),
    )
    relay_url = models.CharField(
        _("relay for deaf people"),
        max_length=500,
        validators=[_WEB],
        blank=True,
        help_text=_("The same service in sign language or as text."),
    )
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("phone number")
        verbose_name_plural = _("phone directory")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(price_kind="premium", price__gt="") | ~Q(price_kind="premium"),
                name="a_paid_number_says_its_price",
            ),
        ]

    def clean(self) -> None:
        digits = re.sub(r"\D", "", self.dialled)
        if not _DIALLED.fullmatch(self.dialled.strip()):
            raise ValidationError({"dialled": _("Digits and spaces only, as one dials it.")})
        if self.country == "FR" and (said := _french_price(digits)) and said != self.price_kind:
            raise ValidationError(
                {
                    "price_kind": _("Numbers of this range have another price: %(price)s.")
                    % {"price": self.Price(said).label}
                }
            )
        if self.price_kind == self.Price.PREMIUM and not self.price:
            raise ValidationError({"price": _("A paid number says its price.")})

    @property
    def tel(self) -> str:
        return "tel:" + self.dialled.replace(" ", "")

    @property
    def label(self) -> str:
        """The official words beside the number."""
        if self.price_kind != self.Price.PREMIUM:
            return str(self.get_price_kind_display())
        return str(_("Service %(price)s + price of a call")) % {"price": self.price}


_FRENCH = [
    (r"080[0-5]\d{6}|3[01]\d\d", "free"),
    (r"080[6-9]\d{6}|10\d\d|0[1-79]\d{8}", "call"),
    (r"08[129]\d{7}|118\d{3}", "premium"),
]


def _french_price(digits: str) -> str:
    """What its range says of a number; "" where it says nothing: 32 00 to 39 99 may be either."""
    return next((kind for range_, kind in _FRENCH if re.fullmatch(range_, digits)), "")


class Action(Bilingual):
    """A card that leads into the company's own customer area: pay, follow an order, test a line."""

    subjects = models.ManyToManyField(Subject, related_name="actions", verbose_name=_("subjects"))
    url = models.CharField(_("address"), max_length=500, validators=[_WEB])
    icon = models.CharField(
        _("icon"), max_length=40, blank=True, help_text=_("A name of Material Symbols.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["position", "pk"]

    @property
    def target(self) -> str:
        """How a visit remembers it."""
        return f"action:{self.pk}"
