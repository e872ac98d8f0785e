"""Addresses of messages."""

from django.urls import path

from openline.server.messages import views

app_name = "messages"
urlpatterns = [
    path("<slug:slug>/incidents/<int:pk>/messages/", views.messages, name="messages"),
]
