"""Addresses at which people answer, and gateways deliver what people answered."""

from django.urls import path

from openline.server.answers import views

app_name = "answers"
urlpatterns = [
    path("a/<str:token>", views.answer, name="answer"),
    path("in/reply/", views.answer, name="reply"),
    path("in/key/", views.answer, name="key"),
]
