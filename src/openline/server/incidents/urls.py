"""Addresses of incidents."""

from django.urls import path

from openline.server.incidents import declaring, views

app_name = "incidents"
urlpatterns = [
    path("safety/", declaring.safety, name="safety"),
    path("<slug:slug>/incidents/", views.incidents, name="incidents"),
    path("<slug:slug>/incidents/declare/", declaring.declare, name="declare"),
    path("<slug:slug>/incidents/<int:pk>/do/<str:command>/", views.do, name="do"),
]
