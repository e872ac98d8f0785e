"""Addresses of damage assessment."""

from django.urls import path

from openline.server.damage import views

app_name = "damage"
urlpatterns = [
    path("<slug:slug>/incidents/<int:pk>/damage/", views.damage, name="damage"),
    path("<slug:slug>/incidents/<int:pk>/damage/<slug:name>/<str:stage>/", views.form, name="form"),
]
