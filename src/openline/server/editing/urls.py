"""Addresses of editing."""

from django.urls import path

from openline.server.editing import views

app_name = "editing"
urlpatterns = [
    path("<slug:slug>/plan/edit/", views.choose, name="choose"),
    path("<slug:slug>/plan/edit/organization/", views.organization, name="organization"),
    path("<slug:slug>/plan/edit/<str:collection>/", views.add, name="add"),
    path("<slug:slug>/plan/edit/<str:collection>/<str:entity_id>/remove/", views.remove, name="remove"),
    path("<slug:slug>/plan/edit/<str:collection>/<str:entity_id>/", views.edit, name="edit"),
]
