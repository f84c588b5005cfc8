"""Opening hours, with a picture of the week."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from crm import clock
from crm.models import Closure, Opening, Schedule

DAY_MINUTES = 24 * 60


class OpeningInline(TabularInline):
    model = Opening
    extra = 0


class ClosureInline(TabularInline):
    model = Closure
    extra = 0


@dataclass(frozen=True)
class Bar:
    """An open stretch in the week's picture, in percent of a day."""

    left: float
    width: float
    words: str


@admin.register(Schedule)
class ScheduleAdmin(ModelAdmin):
    list_display = ["name", "time_zone", "always_open", "now_open"]
    search_fields = ["name"]
    inlines = [OpeningInline, ClosureInline]
    readonly_fields = ["week"]
    fields = ["name", "time_zone", "always_open", "week"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("openings", "closures")

    @admin.display(description=_("open now"), boolean=True)
    def now_open(self, schedule: Schedule) -> bool:
        return schedule.is_open(clock.now())

    @admin.display(description=_("the coming week"))
    def week(self, schedule: Schedule) -> str:
        """Drawn from the same `spans` that routing asks: closures show as they will be."""
        if schedule.pk is None:
            return "–"
        return render_to_string("crm/admin/_week.html", {"days": week_of(schedule)})


def week_of(schedule: Schedule) -> list[dict[str, object]]:
    today = clock.now().date()
    days: list[dict[str, object]] = []
    for day in (today + timedelta(days=n) for n in range(7)):
        closure = schedule.closure(day)
        days.append(
            {
                "name": date_format(day, "D j M"),
                "bars": _bars(schedule, day),
                "closed_for": (closure.reason_fr or "–") if closure else "",
            }
        )
    return days


def _bars(schedule: Schedule, day: date) -> list[Bar]:
    bars = []
    for span in schedule.spans(day):
        left = span.start.hour * 60 + span.start.minute
        minutes = (span.end.timestamp() - span.start.timestamp()) / 60
        width = min(minutes, DAY_MINUTES - left)
        words = f"{span.start:%H:%M}–{span.end:%H:%M}"
        bars.append(Bar(left / DAY_MINUTES * 240, width / DAY_MINUTES * 240, words))
    return bars
