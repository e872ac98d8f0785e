"""Addresses of the room."""

from django.urls import path

from openline.server.room import log, stream, task, views, what_now

app_name = "room"
urlpatterns = [
    path("<slug:slug>/incidents/<int:pk>/", views.room, name="room"),
    path("<slug:slug>/incidents/<int:pk>/stream", stream.stream, name="stream"),
    path("<slug:slug>/incidents/<int:pk>/now/", what_now.panel, name="now"),
    path("<slug:slug>/incidents/<int:pk>/log/", log.log_page, name="log"),
    path("<slug:slug>/incidents/<int:pk>/log/sealed/", log.sealed_export, name="sealed"),
    path("<slug:slug>/incidents/<int:pk>/tasks/", task.task_list, name="tasks"),
    path("<slug:slug>/incidents/<int:pk>/tasks/<slug:task>/", task.task_page, name="task"),
]
