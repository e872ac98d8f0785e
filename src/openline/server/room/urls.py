"""Addresses of the room."""

from django.urls import path

from openline.server.room import views

app_name = "room"
urlpatterns = [
    path("<slug:slug>/incidents/<int:pk>/", views.room, name="room"),
]
