"""Addresses of incidents."""

from django.urls import path

from openline.server.incidents import views

app_name = "incidents"
urlpatterns = [
    path("<slug:slug>/incidents/", views.incidents, name="incidents"),
    path("<slug:slug>/incidents/declare/", views.declare, name="declare"),
    path("<slug:slug>/incidents/<int:pk>/do/<str:command>/", views.do, name="do"),
]
