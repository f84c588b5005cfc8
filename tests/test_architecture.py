"""What holds for the whole house: lists cost the same with many rows, models and migrations agree,
every channel can deliver."""

from datetime import timedelta
from io import StringIO
from itertools import product

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection, models
from django.template.loader import get_template
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.api import router
from crm import clock, registry
from crm.models import Interaction
from tests import factories

pytestmark = pytest.mark.django_db

_countries = ("".join(two) for two in product("ABCDEGHIJ", repeat=2))
# what a constraint of these models wants
WANTED: dict[str, dict[str, object]] = {
    "chat.Invitation": {"state": "withheld", "reason": "no_place"},
    "chat.Question": {"asks": "own"},
    "selfcare.Answer": {"score": 4},
    "crm.Macro": {"then": "transfer", "outcome": ""},
    "crm.Block": {"until": lambda: clock.now() + timedelta(days=1)},
    "crm.HardSheet": {"country": lambda: next(_countries)},
}


def grow(model, count: int) -> int:
    """Rows of any model, each with relations of its own; how many there are then."""
    for _n in range(count):
        make(model)
    return model.objects.count()


_counter = iter(range(10_000, 10_000_000))


def make(model, depth: int = 0):
    if model is Interaction:
        return factories.InteractionFactory(queue=make_queue(), agent=None, status="waiting")
    if model._meta.label == "crm.Queue":
        return make_queue()
    values = {}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.AutoField | models.GeneratedField):
            continue
        value = value_for(field, depth)
        if value is not None:
            values[field.name] = value
    wanted = WANTED.get(model._meta.label, {}).items()
    values |= {name: value() if callable(value) else value for name, value in wanted}
    return model.objects.create(**values)


def make_queue():
    n = next(_counter)
    return factories.QueueFactory(
        slug=f"queue-{n}", schedule=factories.ScheduleFactory(name=f"Hours {n}")
    )


def value_for(field, depth: int):
    """A value that satisfies the field; relations get rows of their own."""
    if isinstance(field, models.ForeignKey):
        if depth >= 4 or (field.null and depth > 0) or field.related_model is field.model:
            return None
        return make(field.related_model, depth + 1)
    if field.has_default() and not field.unique:
        return None
    if field.null and not field.unique:
        return None
    return plain(field, next(_counter))


def plain(field, n: int):
    if field.choices:
        return [choice for choice, _label in field.flatchoices if choice != ""][0]
    kinds = {
        models.EmailField: lambda: f"person{n}@example.test",
        models.SlugField: lambda: f"slug-{n}",
        models.BooleanField: lambda: False,
        models.JSONField: lambda: [],
        models.DateTimeField: clock.now,
        models.DateField: lambda: clock.now().date(),
        models.TimeField: lambda: clock.now().time(),
        models.IntegerField: lambda: n % 30_000,
        models.BinaryField: lambda: str(n).encode(),
        models.FloatField: lambda: float(n),
        models.CharField: lambda: str(n)[: field.max_length],
        models.TextField: lambda: f"Text {n}",
    }
    for kind, value in kinds.items():
        if isinstance(field, kind):
            return value()
    return None


def queries_of(client, url: str) -> int:
    client.get(url)  # content types and permissions are cached by the first
    with CaptureQueriesContext(
        connection,
    ) as seen:
        answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return len(seen)


ONE_ROW = {"crm.ReportSettings"}  # a constraint keeps them so
ADMIN_LISTS = sorted(
    (model for model in admin.site._registry if model._meta.label not in ONE_ROW),
    key=lambda model: model._meta.label,
)
API_LISTS = [
    (f"/api/v1/{prefix}/", viewset)
    for prefix, viewset, _name in router.registry
    if hasattr(viewset, "list") and viewset.queryset.model._meta.label not in ONE_ROW
]


@pytest.mark.parametrize("model", ADMIN_LISTS, ids=lambda model: model._meta.label)
def test_an_admin_list_costs_the_same_with_2_and_with_22_rows(model, root):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    _same_cost(root, reverse(name), model)


@pytest.mark.parametrize(("url", "viewset"), API_LISTS, ids=[url for url, _viewset in API_LISTS])
def test_an_api_list_costs_the_same_with_2_and_with_22_rows(url, viewset, root):
    _same_cost(root, url, viewset.queryset.model)


def _same_cost(client, url, model):
    grow(model, 2)
    few = queries_of(client, url)
    grow(model, 20)
    many = queries_of(client, url)
    assert many == few, f"{url}: {few} queries with 2 rows, {many} with 22"


def test_a_customers_page_costs_the_same_with_a_long_history(root, ada):
    url = reverse("admin:crm_customer_change", args=[ada.pk])
    factories.InteractionFactory(customer=ada)
    few = queries_of(root, url)
    for _n in range(22):
        factories.InteractionFactory(customer=ada)
    assert queries_of(root, url) == few


def test_the_models_and_the_migrations_agree():
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)
    assert "No changes detected" in out.getvalue()


def test_every_channel_can_deliver_and_has_its_words():
    known = registry.channels()
    assert [channel.name for channel in known] == ["chat", "mail", "callback"]
    for channel in known:
        assert callable(channel.deliver)
        assert str(channel.label)
        assert channel.icon
        get_template(channel.fragment)


def test_no_model_uses_the_database_or_django_for_the_time():
    """Business time has one source (crm.clock): `auto_now` and `Now()` are another."""
    from django.apps import apps

    own = [
        m
        for m in apps.get_models()
        if m.__module__.split(".")[0] in ("crm", "chat", "tickets", "selfcare")
    ]
    assert own
    for model in own:
        for field in model._meta.concrete_fields:
            assert not getattr(field, "auto_now", False), (model, field)
            assert not getattr(field, "auto_now_add", False), (model, field)
