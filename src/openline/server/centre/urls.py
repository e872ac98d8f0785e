"""Addresses of the centre."""

from django.urls import path

from openline.server.centre import views

app_name = "centre"
urlpatterns = [
    path("", views.home, name="home"),
    path("<slug:slug>/", views.glance, name="glance"),
]
