"""Who may use the API: staff behind two factors, unless a view says otherwise."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission, DjangoModelPermissions
from rest_framework.request import Request

from crm.services.access import may_work

if TYPE_CHECKING:  # rest_framework.views imports its settings, which import this module
    from rest_framework.views import APIView


class IsStaff(BasePermission):
    """Works here, is active, and gave the second factor in this session."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return may_work(request.user, getattr(request, "session", None))


class StaffModelPermissions(IsStaff, DjangoModelPermissions):
    """Staff, with the model's own permission for the verb; reading wants `view`."""

    perms_map = {**DjangoModelPermissions.perms_map, "GET": ["%(app_label)s.view_%(model_name)s"]}

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return IsStaff.has_permission(
            self, request, view
        ) and DjangoModelPermissions.has_permission(self, request, view)
