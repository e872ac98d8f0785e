"""Addresses behind links, and of asking."""

from django.urls import path

from openline.server.links import outside, views

app_name = "links"
urlpatterns = [
    path("link/<str:token>/", outside.start, name="open"),
    path("link/<str:token>/file/", outside.file, name="file"),
    path("link/<str:token>/form.xlsx", outside.form, name="form"),
    path("link/<str:token>/take/", outside.take_file, name="take"),
    path("link/<str:token>/work/<str:activity>/", outside.analysis, name="analysis"),
    path("<slug:slug>/asked/", views.asked, name="asked"),
    path("<slug:slug>/asked/vendors/", views.vendors, name="vendors"),
    path("<slug:slug>/asked/file/", views.file, name="bring"),
    path("<slug:slug>/asked/take/", views.take, name="keep"),
    path("<slug:slug>/asked/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:slug>/asked/<str:kind>/<str:name>/form.xlsx", views.hand_out, name="hand_out"),
]
