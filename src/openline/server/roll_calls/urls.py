"""Addresses of roll calls."""

from django.urls import path

from openline.server.roll_calls import views

app_name = "roll_calls"
urlpatterns = [
    path("<slug:slug>/incidents/<int:pk>/roll-call/", views.roll_calls, name="roll_calls"),
    path("<slug:slug>/incidents/<int:pk>/roll-call/<slug:name>/", views.roll_call, name="roll_call"),
    path("<slug:slug>/incidents/<int:pk>/roll-call/<slug:name>/sheet/", views.sheet, name="sheet"),
]
