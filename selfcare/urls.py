"""The portal's addresses, under the language's prefix; what robots ask for is outside it."""

from django.urls import path

from selfcare.views import (
    actions,
    article,
    callbacks,
    contact,
    help,
    incidents,
    my_data,
    requests,
    search,
    site,
    surveys,
)

app_name = "selfcare"

help_urls = [
    path("", help.home, name="home"),
    path("theme/<slug:slug>/", help.category, name="category"),
    path("article/<slug:slug>/", article.article, name="article"),
    path("article/<slug:slug>/seen/", article.seen, name="seen"),
    path("article/<slug:slug>/vote/", article.vote, name="vote"),
    path("preview/<int:pk>/", article.preview, name="preview"),
    path("search/", search.results, name="search"),
    path("complete/", search.complete, name="complete"),
    path("suggest/", search.suggest, name="suggest"),
    path("contact/", contact.contact, name="contact"),
    path("contact/ways/", contact.ways, name="ways"),
    path("contact/thanks/", contact.thanks, name="contact_thanks"),
    path("action/<int:pk>/", actions.action, name="action"),
    path("incident/<int:pk>/", incidents.incident, name="incident"),
    path("accessibility/", site.accessibility, name="accessibility"),
    path("privacy/", site.privacy, name="privacy"),
]

# asking for a call, answering a survey, seeing what became of it
own_urls = [
    path("callback/", callbacks.callback, name="callback"),
    path("callback/l/<str:token>/", callbacks.callback_link, name="callback_link"),
    path("callback/<int:pk>/", callbacks.callback_page, name="callback_page"),
    path("callback/<int:pk>/move/", callbacks.callback_move, name="callback_move"),
    path("callback/<int:pk>/cancel/", callbacks.callback_cancel, name="callback_cancel"),
    path("avis/<int:pk>/", surveys.survey_page, name="survey_page"),
    path("avis/<int:pk>/merci/", surveys.survey_thanks, name="survey_thanks"),
    path("avis/<int:pk>/preview/", surveys.survey_preview, name="survey_preview"),
    path("avis/<str:token>/", surveys.survey, name="survey"),
    path("avis/<str:token>/stop/", surveys.survey_stop, name="survey_stop"),
    path("avis/<str:token>/score/", surveys.survey_score, name="survey_score"),
    path("my-data/", my_data.my_data, name="my_data"),
    path("my-data/correct/", my_data.correct, name="my_data_correct"),
    path("my-data/copy/", my_data.copy, name="my_data_copy"),
    path("my-data/consents/<slug:purpose>/", my_data.consent, name="my_data_consent"),
    path("my-data/erase/", my_data.erase, name="my_data_erase"),
    path("requests/", requests.requests, name="requests"),
    path("requests/l/<str:token>/", requests.request_link, name="request_link"),
    path("requests/<str:reference>/", requests.request_detail, name="request_detail"),
]

urlpatterns = [*help_urls, *own_urls]

# included by config/urls.py at the root, without a language
root_urlpatterns = [
    path("", help.root, name="portal_root"),
    path("sitemap.xml", site.sitemap, name="portal_sitemap"),
    path("sitemap-<int:part>.xml", site.sitemap, name="portal_sitemap_part"),
    path("files/<uuid:key>/<str:name>", article.file, name="article_file"),
    path("robots.txt", site.robots, name="portal_robots"),
]
