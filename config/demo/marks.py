"""Who is simulated: whoever writes from the reserved domain, or came from it. Simulated people say
so through the public doors, as anybody says where they come from; this puts it on their record."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from crm.models import Customer, Identity, Visit

DOMAIN = "simule.example"
REFERRER = f"https://recherche.{DOMAIN}/"


def visits() -> QuerySet[Visit]:
    return Visit.objects.filter(referrer__startswith=REFERRER)


def mark(customers: QuerySet[Customer]) -> int:
    """Those of these who are simulated and do not say so yet."""
    mails = Identity.objects.filter(kind=Identity.Kind.MAIL, value__endswith=f"@{DOMAIN}")
    here = OuterRef("pk")
    theirs = Q(Exists(mails.filter(customer=here))) | Q(Exists(visits().filter(customer=here)))
    return customers.filter(theirs, is_simulated=False).update(is_simulated=True)
