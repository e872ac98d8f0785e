"""Addresses of findings."""

from django.urls import path

from openline.server.findings import views

app_name = "findings"
urlpatterns = [
    path("<slug:slug>/findings/", views.findings, name="findings"),
    path("<slug:slug>/findings/rules/<str:rule_id>/", views.rule, name="rule"),
    path("<slug:slug>/plan/print/", views.paper, name="paper"),
    path("<slug:slug>/plan/<str:form>/", views.take_out, name="take_out"),
]
