"""Addresses at which people answer, and gateways deliver what people answered."""

from django.urls import path

from openline.server.answers import inbound, views

app_name = "answers"
urlpatterns = [
    path("a/<str:token>/", views.answer, name="answer"),
    path("in/reply/", inbound.reply, name="reply"),
    path("in/key/", inbound.key, name="key"),
]
