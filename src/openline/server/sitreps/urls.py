"""Addresses of situation reports."""

from django.urls import path

from openline.server.sitreps import views

app_name = "sitreps"
urlpatterns = [
    path("<slug:slug>/incidents/<int:pk>/sitreps/", views.sitreps, name="sitreps"),
    path("<slug:slug>/incidents/<int:pk>/sitreps/<int:number>/", views.sitrep, name="sitrep"),
]
