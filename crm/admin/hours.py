"""Opening hours: the rows to edit, and what comes of them as a picture of the week and the year."""

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from django import forms
from django.contrib import admin
from django.db.models import TimeField
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from crm import clock
from crm.models import Closure, DatedOpening, Opening, Schedule

from . import hours_pictures


class _Rows(TabularInline):
    extra = 0
    hide_title = True

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, TimeField):
            field.widget.format = "%H:%M"
            field.input_formats = ["%H:%M", "%H:%M:%S", "%Hh%M", "%Hh"]
        return field


class OpeningInline(_Rows):
    model = Opening
    fields = ["weekday", "opens", "closes"]


class DatedOpeningInline(_Rows):
    model = DatedOpening
    fields = ["day", "opens", "closes", "reason_fr", "reason_en"]


class ClosureInline(_Rows):
    model = Closure
    fields = ["day", "last_day", "reason_fr", "reason_en"]


@lru_cache
def _zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones())]


def _countries() -> list[tuple[str, Any]]:
    import holidays

    names = Locale.parse(get_language() or "fr", sep="-").territories
    known = [code for code in holidays.list_supported_countries() if len(code) == 2]
    named = sorted(((code, names.get(code, code)) for code in known), key=lambda pair: pair[1])
    return [("", _("none")), *named]


def _regions(country: str) -> list[tuple[str, Any]]:
    """By name where the library knows one. School zones have the holidays of everybody."""
    if not country:
        return [("", _("the whole country"))]
    import holidays

    codes = holidays.list_supported_countries().get(country, [])
    long: dict[str, str] = {}
    for name, code in holidays.country_holidays(country).subdivisions_aliases.items():
        long[code] = max(long.get(code, ""), name, key=len)
    named = [(code, long.get(code, code)) for code in codes if not code.startswith("Zone ")]
    return [("", _("the whole country")), *sorted(named, key=lambda pair: pair[1])]


class ScheduleForm(forms.ModelForm):
    class Meta:
        model = Schedule
        fields = ["name", "time_zone", "always_open", "country", "region"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = self.data.get("country", self.instance.country)
        for name, choices in (
            ("time_zone", _zones()),
            ("country", _countries()),
            ("region", _regions(country)),
        ):
            if (known := self.fields.get(name)) is None:  # shown, not edited
                continue
            self.fields[name] = forms.ChoiceField(
                choices=choices,
                required=name == "time_zone",
                label=known.label,
                help_text=known.help_text,
                widget=UnfoldAdminSelectWidget,
                initial=known.initial,
            )


@admin.register(Schedule)
class ScheduleAdmin(ModelAdmin):
    form = ScheduleForm
    list_display = ["name", "time_zone", "always_open", "country", "now_open"]
    search_fields = ["name"]
    inlines = [OpeningInline, DatedOpeningInline, ClosureInline]
    readonly_fields = ["week", "year"]
    fields = ["name", ("time_zone", "always_open"), ("country", "region"), "week", "year"]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.prefetch_related("openings", "closures", "dated_openings")

    @admin.display(description=_("open now"), boolean=True)
    def now_open(self, schedule: Schedule) -> bool:
        return schedule.is_open(clock.now())

    @admin.display(description=_("the coming week"))
    def week(self, schedule: Schedule) -> str:
        if schedule.pk is None:
            return gettext("Shown once it is saved.")
        today = clock.now()
        return render_to_string(
            "crm/admin/_week.html", {"days": hours_pictures.week(schedule.calendar, today)}
        )

    @admin.display(description=_("the year"))
    def year(self, schedule: Schedule) -> str:
        """This year and what differs in it, then the next."""
        if schedule.pk is None:
            return gettext("Shown once it is saved.")
        today = clock.now()
        return render_to_string(
            "crm/admin/_year.html", {"years": hours_pictures.years(schedule.calendar, today)}
        )
