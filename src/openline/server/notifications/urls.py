"""Addresses of the ways to reach people."""

from django.urls import path

from openline.server.notifications import views

app_name = "notifications"
urlpatterns = [
    path("settings/providers/", views.providers, name="providers"),
    path("settings/providers/new/<slug:kind>/", views.new, name="new"),
    path("settings/providers/<int:pk>/", views.change, name="change"),
    path("settings/providers/<int:pk>/switch/", views.switch, name="switch"),
    path("settings/providers/<int:pk>/test/", views.test, name="test"),
]
