"""Every address of the installation. Each host serves them all; hosts only separate cookies."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from config import api, doors, health
from config.passkeys import AddPasskeyView
from selfcare.urls import root_urlpatterns as portal_root

handler400 = doors.bad_request
handler403 = doors.forbidden
handler404 = doors.not_found
handler500 = doors.broken

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("console/", admin.site.urls),
    path("accounts/join/<str:token>/", doors.join, name="join"),
    path("accounts/2fa/webauthn/add/", AddPasskeyView.as_view(), name="mfa_add_webauthn"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include(api.urlpatterns)),
    path("", include("crm.urls")),
    path("", include("chat.urls")),
    path("", include("tickets.urls")),
    *portal_root,
    *i18n_patterns(path("", include("selfcare.urls"))),
]

if settings.DEMO:
    from config.demo import views as demo

    urlpatterns += [
        path("demo/", demo.page, name="demo"),
        path("demo/in/<str:role>/<str:token>/", demo.enter, name="demo_enter"),
        path("demo/brake/", demo.pace, name="demo_pace"),
        path("demo/do/<str:word>/", demo.do, name="demo_do"),
        path("catcher/", include("config.catcher.urls")),
    ]
