"""What the open panel says before a chat: what may be chosen, read and asked first."""

from django.http import HttpRequest
from django.utils import translation

from chat.models import Site
from chat.services import before, buttons
from chat.services.identity import Proven
from chat.views import frame
from crm import registry
from crm.models import Subject, User, Visit


def account(request: HttpRequest, site: Site) -> User | None:
    """Who is signed in; only our own portal's session counts."""
    return request.user if site.is_portal and request.user.is_authenticated else None


def told(
    request: HttpRequest,
    site: Site,
    subject: Subject | None,
    offered: buttons.Button,
    visit: Visit | None,
    proven: Proven | None,
    language: str,
) -> frame.Data:
    already = before.known(visit, account(request, site), proven)
    with translation.override(language):
        return {
            "subject": subject.slug if subject else "",
            "subjects": _choices() if site.asks_subject else [],
            "form": before.form(offered.queue, already) if offered.can_chat else [],
            "readings": [vars(one) for one in registry.readings(subject, language)]
            if subject
            else [],
        }


def _choices() -> list[frame.Data]:
    """The subjects that lead to somebody, under their branches."""
    leaves = Subject.objects.leaves()
    return [
        {
            "slug": leaf.slug,
            "label": leaf.name,
            "group": leaf.parent.name if leaf.parent else "",
        }
        for leaf in leaves.select_related("parent").order_by("parent__position", "position", "pk")
    ]
