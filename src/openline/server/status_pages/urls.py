"""Addresses of the status page: open ones for everybody, and those of who sets it up."""

from django.urls import path

from openline.server.status_pages import public, views

app_name = "status_pages"
urlpatterns = [
    path("status/<slug:slug>/", public.show, {"name": "index.html"}, name="public"),
    path("status/<slug:slug>/subscribe/", public.subscribe, name="subscribe"),
    path("status/<slug:slug>/confirm/<str:link>/", public.confirm, name="confirm"),
    path("status/<slug:slug>/leave/<str:link>/", public.leave, name="leave"),
    path("status/<slug:slug>/<path:name>", public.show, name="file"),
    path("<slug:slug>/status-page/", views.set_up, name="set_up"),
    path("<slug:slug>/status-page/files.zip", views.take_out, name="take_out"),
    path("<slug:slug>/status-page/forget/", views.forget, name="forget"),
    path("<slug:slug>/status-page/preview/<path:name>", views.preview, name="preview"),
    path("<slug:slug>/incidents/<int:pk>/status-page/<path:name>", views.preview_of, name="preview_of"),
]
