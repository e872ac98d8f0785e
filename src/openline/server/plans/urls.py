"""Addresses of the plan."""

from django.urls import path

from openline.server.plans import views

app_name = "plans"
urlpatterns = [
    path("<slug:slug>/plan/", views.plan_page, name="plan"),
]
