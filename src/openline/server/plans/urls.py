"""Addresses of the centre and its plan."""

from django.urls import path

from openline.server.plans import views

app_name = "plans"
urlpatterns = [
    path("", views.home, name="home"),
    path("<slug:slug>/", views.centre_page, name="centre"),
    path("<slug:slug>/plan/", views.plan_page, name="plan"),
]
