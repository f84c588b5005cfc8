"""What makes the demo's routing visible: skills, newcomers, a queue of difficult cases, an
overflow, shifts, and a complaint whose time is nearly up."""

from datetime import datetime, time, timedelta
from itertools import takewhile

from crm import clock
from crm.models import (
    Ability,
    Agent,
    AgentSkill,
    Complaint,
    Interaction,
    PlaceStep,
    Queue,
    Requirement,
    Schedule,
    Shift,
    Skill,
    Team,
)
from crm.models.target import allowance, due_at
from crm.services import complaints, targets

# (French, English) and who has it at which level
SKILLS = {
    "fibre": (
        ("Diagnostic fibre", "Fibre diagnosis"),
        {"Bea": 3, "Erwan": 3, "Mathieu": 2, "Samira": 2, "Yann": 1},
    ),
    "keeping": (("Fidélisation", "Keeping customers"), {"Sandrine": 3, "Philippe": 2, "Julien": 1}),
}
_DIFFICULT = "expert"
_NEWCOMERS_FROM = timedelta(days=14)
# weeks after they came → chats at once
_STEPS = {0: 1, 4: 2, 10: 3}
_SHIFT_DAYS = 14
_LONGEST_PROMISE = 14 * 24  # hours
# the tour's own people come and go as they like
_WITHOUT_SHIFTS = ("Bea", "Carl", "Amélie")


def ensure() -> None:
    if Skill.objects.exists():
        return
    _skills()
    _difficult_cases()
    _overflow()
    _limits()
    _newcomers()
    _shifts()


def _skills() -> None:
    for slug, ((french, english), levels) in SKILLS.items():
        skill = Skill.objects.create(slug=slug, name_fr=french, name_en=english)
        Ability.objects.bulk_create(
            Ability(agent=agent, skill=skill, level=levels[agent.display_name])
            for agent in Agent.objects.filter(display_name__in=levels)
        )


def _difficult_cases() -> None:
    """Reached by transfer only; whoever knows fibre takes the next one when they are ready."""
    queue = Queue.objects.create(
        slug=_DIFFICULT,
        name_fr="Cas difficiles",
        name_en="Difficult cases",
        position=Queue.objects.count(),
        schedule=Schedule.objects.get(name="Lun-sam 8 h-20 h"),
        mode=Queue.Mode.PULL,
    )
    fibre = Skill.objects.get(slug="fibre")
    Requirement.objects.create(queue=queue, skill=fibre, level=2)
    AgentSkill.objects.bulk_create(
        AgentSkill(agent=ability.agent, queue=queue, level=ability.level)
        for ability in Ability.objects.filter(skill=fibre, level__gte=2)
    )


def _overflow() -> None:
    sales = Queue.objects.get(slug="sales")
    Queue.objects.filter(slug="billing").update(overflow_queue=sales, overflow_minutes=10)


def _limits() -> None:
    """Orders wait briefly or not at all; breaks are two at a time in Rennes."""
    Queue.objects.filter(slug="sales").update(max_waiting=8)
    Team.objects.filter(place="Rennes").update(pause_quota=2)


def _newcomers() -> None:
    came = clock.now().date() - _NEWCOMERS_FROM
    learning = Agent.objects.filter(skills__level=1, is_simulated=False).distinct()
    PlaceStep.objects.bulk_create(
        PlaceStep(agent=agent, from_day=came + timedelta(weeks=weeks), chat_places=places)
        for agent in learning
        for weeks, places in _STEPS.items()
    )


def _shifts() -> None:
    """Rennes comes early, Toulouse late; at the end of a shift its people only finish."""
    at = clock.now().astimezone()
    for team, (begins, ends) in zip(
        Team.objects.order_by("name"), ((time(8), time(16)), (time(12), time(20))), strict=False
    ):
        people = team.agents.exclude(display_name__in=_WITHOUT_SHIFTS)
        Shift.objects.bulk_create(
            Shift(
                agent=agent,
                starts_at=datetime.combine(day, begins, at.tzinfo),
                ends_at=datetime.combine(day, ends, at.tzinfo),
            )
            for agent in people
            for day in (at.date() + timedelta(days=ahead) for ahead in range(_SHIFT_DAYS))
            if day.weekday() < 6
        )


def complaint() -> None:
    """The oldest letter about a bill is a complaint whose first answer is soon due."""
    letters = Interaction.objects.waiting().filter(channel="mail", queue__slug="billing")
    letter = letters.order_by("waiting_since").first()
    if letter is None or Complaint.objects.exists():
        return
    owner = Agent.objects.filter(display_name="Sandrine").first()
    complaints.turn_into(letter, by=None, owner=owner, at=_since(letter))


def _since(letter: Interaction) -> datetime:
    """When it must have begun for its time to be nearly up."""
    now = clock.now()
    letter.nature = Interaction.Nature.COMPLAINT
    rule = targets.rule_for(letter)
    if rule is None:
        return now
    calendar, given = targets.calendar_of(rule, letter), allowance(rule.first_answer)
    earlier = (now - timedelta(hours=ago) for ago in range(_LONGEST_PROMISE))
    ahead = takewhile(lambda since: (due_at(calendar, given, since) or now) > now, earlier)
    return list(ahead)[-1]
