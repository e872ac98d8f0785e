"""Addresses of the wizard."""

from django.urls import path

from openline.server.wizard import views

app_name = "wizard"
urlpatterns = [path("new/", views.choose, name="choose"), path("new/<str:template>/", views.ask, name="ask")]
