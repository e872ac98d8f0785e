"""Addresses of the what-if page."""

from django.urls import path

from openline.server.whatif import views

app_name = "whatif"
urlpatterns = [path("<slug:slug>/what-if/", views.form, name="form")]
