"""Addresses of rotas and of the look at who can be reached."""

from django.urls import path

from openline.server.rotas import views

app_name = "rotas"
urlpatterns = [
    path("<slug:slug>/on-call/", views.on_call, name="on_call"),
    path("<slug:slug>/on-call/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:slug>/on-call/calendar/", views.hand_out, name="hand_out"),
    path("<slug:slug>/on-call/calendar/<int:pk>/withdraw/", views.withdraw_feed, name="withdraw_feed"),
    path("<slug:slug>/reach/", views.reach, name="reach"),
    path("cal/<str:token>.ics", views.calendar, name="calendar"),
]
