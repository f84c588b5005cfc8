"""The widget's addresses. The loader's never changes: it stands in other people's pages."""

from django.conf import settings
from django.urls import path

from chat.consumers import VisitorConsumer
from chat.views import doors, shop, widget

app_name = "chat"

urlpatterns = [
    path("widget/loader.js", widget.loader, name="loader"),
    path("widget/<slug:digest>/<str:name>", widget.asset, name="asset"),
    path("widget/logo/<slug:site_key>/", widget.logo, name="logo"),
    path("widget/frame/<slug:site_key>/", widget.frame, name="frame"),
    path("widget/visit", doors.visit, name="visit"),
    path("widget/invite", doors.invite, name="invite"),
    path("widget/invitation", doors.invitation, name="invitation"),
    path("widget/start", doors.start, name="start"),
    path("widget/say", doors.say, name="say"),
    path("widget/file", doors.file, name="file"),
    path("widget/links", doors.links, name="links"),
    path("widget/lines", doors.lines, name="lines"),
    path("widget/transcript", doors.transcript, name="transcript"),
    path("widget/end", doors.end, name="end"),
]

if settings.DEMO:
    urlpatterns += [
        path("boutique/", shop.home, name="shop"),
        path("boutique/mobile/", shop.mobile, name="shop_mobile"),
        path("boutique/lumibox/", shop.lumibox, name="shop_lumibox"),
    ]

websocket_urlpatterns = [path("ws/visitor/", VisitorConsumer.as_asgi())]
