"""Addresses of the way back."""

from django.urls import path

from openline.server.restoration import views

app_name = "restoration"
urlpatterns = [
    path("<slug:slug>/incidents/<int:pk>/way-back/", views.restoration, name="restoration"),
    path("<slug:slug>/incidents/<int:pk>/way-back/walkthrough/<slug:site>/", views.walkthrough, name="walkthrough"),
]
