"""The portal's addresses, under the language's prefix; what robots ask for is outside it."""

from django.urls import path

from selfcare.views import contact, help, search, site

app_name = "selfcare"

help_urls = [
    path("", help.home, name="home"),
    path("theme/<slug:slug>/", help.category, name="category"),
    path("article/<slug:slug>/", help.article, name="article"),
    path("article/<slug:slug>/vote/", help.vote, name="vote"),
    path("search/", search.results, name="search"),
    path("complete/", search.complete, name="complete"),
    path("suggest/", search.suggest, name="suggest"),
    path("contact/", contact.contact, name="contact"),
    path("contact/thanks/", contact.thanks, name="contact_thanks"),
    path("accessibility/", site.accessibility, name="accessibility"),
    path("privacy/", site.privacy, name="privacy"),
]

urlpatterns = [*help_urls]

# included by config/urls.py at the root, without a language
root_urlpatterns = [
    path("", help.root, name="portal_root"),
    path("sitemap.xml", site.sitemap, name="portal_sitemap"),
    path("robots.txt", site.robots, name="portal_robots"),
]
