"""Addresses of bringing in."""

from django.urls import path

from openline.server.bringing import contact_views, views

app_name = "bringing"
urlpatterns = [
    path("bring-in/", views.ask, name="ask_new"),
    path("bring-in/<uuid:pk>/", views.preview, name="preview_new"),
    path("<slug:slug>/bring-in/contacts/", contact_views.ask, name="ask_contacts"),
    path("<slug:slug>/bring-in/contacts/<uuid:pk>/", contact_views.preview, name="preview_contacts"),
    path("<slug:slug>/bring-in/", views.ask, name="ask"),
    path("<slug:slug>/bring-in/<uuid:pk>/", views.preview, name="preview"),
]
