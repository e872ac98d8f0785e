"""Addresses of revisions."""

from django.urls import path

from openline.server.revisions import approving, trend, views

app_name = "revisions"
urlpatterns = [
    path("<slug:slug>/revisions/", views.revisions, name="revisions"),
    path("<slug:slug>/approve/", approving.approve, name="approve"),
    path("<slug:slug>/revisions/trend/", trend.trend, name="trend"),
    path("<slug:slug>/revisions/<int:old>/<int:new>/", views.compare, name="compare"),
    path("<slug:slug>/revisions/<int:pk>/bring-back/", views.bring_back, name="bring_back"),
]
