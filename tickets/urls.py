"""Mail's own addresses."""

from django.urls import path

from tickets import views

app_name = "tickets"

urlpatterns = [
    path("mail/in/<int:mailbox_id>/<slug:provider>/", views.hook, name="hook"),
    path("mail/reports/<slug:provider>/", views.reports, name="reports"),
]
