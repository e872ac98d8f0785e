"""Addresses of the script."""

from django.urls import path

from openline.server.demo import views

app_name = "demo"
urlpatterns = [
    path("<slug:slug>/incidents/script/", views.begin, name="begin"),
    path("<slug:slug>/incidents/<int:pk>/script/", views.play, name="play"),
]
