"""Address of the outbox."""

from django.urls import path

from openline.server.outbox import views

app_name = "outbox"
urlpatterns = [
    path("<slug:slug>/outbox/", views.outbox, name="outbox"),
]
