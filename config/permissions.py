"""Who may use the API: staff, unless a view says otherwise."""

from rest_framework.permissions import BasePermission, DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.views import APIView


class IsStaff(BasePermission):
    """Signed in, active, and works here."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        return bool(user.is_authenticated and user.is_active and user.is_staff)


class StaffModelPermissions(IsStaff, DjangoModelPermissions):
    """Staff, with the model's own permission for the verb; reading wants `view`."""

    perms_map = {**DjangoModelPermissions.perms_map, "GET": ["%(app_label)s.view_%(model_name)s"]}

    def has_permission(self, request: Request, view: APIView) -> bool:
        return IsStaff.has_permission(self, request, view) and DjangoModelPermissions.has_permission(
            self, request, view
        )
