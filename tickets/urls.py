"""Mail's addresses outside the console."""

from django.urls import path

from tickets import views

urlpatterns = [path("mail/file/<str:token>/", views.attached, name="mail_file")]
