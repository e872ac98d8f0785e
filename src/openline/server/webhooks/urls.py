"""Addresses of webhooks."""

from django.urls import path

from openline.server.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("settings/webhooks/", views.webhooks, name="webhooks"),
    path("settings/webhooks/<int:pk>/", views.change, name="change"),
    path("settings/webhooks/letters/<int:pk>/", views.again, name="again"),
]
