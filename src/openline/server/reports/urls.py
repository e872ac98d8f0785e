"""Addresses of the after-action report and of the log to take out."""

from django.urls import path

from openline.server.reports import feeding, taking_out, views

app_name = "reports"
urlpatterns = [
    path("<slug:slug>/incidents/<int:pk>/report/", views.report, name="report"),
    path("<slug:slug>/incidents/<int:pk>/report.html", taking_out.as_page, name="as_page"),
    path("<slug:slug>/incidents/<int:pk>/report.json", taking_out.as_json, name="as_json"),
    path("<slug:slug>/incidents/<int:pk>/report/into-the-plan/", feeding.into_the_plan, name="into_the_plan"),
    path("<slug:slug>/incidents/<int:pk>/log.csv", taking_out.log_csv, name="log_csv"),
    path("<slug:slug>/incidents/<int:pk>/log.json", taking_out.log_json, name="log_json"),
]
