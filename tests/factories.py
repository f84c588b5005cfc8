"""The only way tests make rows by hand; what the product does, tests ask its services for."""

import factory
from factory.django import DjangoModelFactory

from crm import clock, models


class UserFactory(DjangoModelFactory):
    class Meta:
        model = models.User

    email = factory.Sequence(lambda n: f"person{n}@example.test")
    first_name = "Camille"
    last_name = "Durand"


class ScheduleFactory(DjangoModelFactory):
    class Meta:
        model = models.Schedule
        django_get_or_create = ("name",)

    name = "24/7"
    always_open = True


class QueueFactory(DjangoModelFactory):
    class Meta:
        model = models.Queue
        django_get_or_create = ("slug",)

    slug = "box"
    name_fr = factory.LazyAttribute(lambda o: f"Assistance {o.slug}")
    name_en = factory.LazyAttribute(lambda o: f"{o.slug} support")
    schedule = factory.SubFactory(ScheduleFactory)


class SubjectFactory(DjangoModelFactory):
    class Meta:
        model = models.Subject
        django_get_or_create = ("slug",)

    slug = "remote-control"
    name_fr = "Télécommande"
    name_en = "Remote control"
    queue = factory.SubFactory(QueueFactory)


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = models.Team
        django_get_or_create = ("name",)

    name = "Rennes 1"
    place = "Rennes"


class AgentFactory(DjangoModelFactory):
    class Meta:
        model = models.Agent
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory, is_staff=True)
    display_name = factory.SelfAttribute("user.first_name")
    team = factory.SubFactory(TeamFactory)
    languages = factory.LazyFunction(lambda: ["fr", "en"])

    @factory.post_generation
    def queues(self, create, queues, **kwargs):
        for queue in queues or []:
            models.AgentSkill.objects.create(agent=self, queue=queue)


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = models.Customer

    first_name = "Camille"
    last_name = factory.Sequence(lambda n: f"Client{n}")


class IdentityFactory(DjangoModelFactory):
    class Meta:
        model = models.Identity

    customer = factory.SubFactory(CustomerFactory)
    kind = models.Identity.Kind.MAIL
    value = factory.Sequence(lambda n: f"client{n}@example.test")
    verified_at = factory.LazyFunction(clock.now)
    verified_by = "mail"


class InteractionFactory(DjangoModelFactory):
    class Meta:
        model = models.Interaction

    channel = "chat"
    customer = factory.SubFactory(CustomerFactory)
    queue = factory.SubFactory(QueueFactory)
    opened_at = factory.LazyFunction(clock.now)
    waiting_since = factory.SelfAttribute("opened_at")
    offered_at = factory.SelfAttribute("opened_at")


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = "selfcare.Category"
        django_get_or_create = ("slug",)

    slug = "tv"
    name_fr = "TV et télécommande"
    name_en = "TV and remote"
    icon = "tv"


class ArticleFactory(DjangoModelFactory):
    class Meta:
        model = "selfcare.Article"

    external_id = factory.Sequence(lambda n: f"article-{n}")
    category = factory.SubFactory(CategoryFactory)
