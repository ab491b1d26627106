"""The addresses of `ledger`."""

from django.urls import path, re_path

from ronghe.apps.ledger import tile_views, views

app_name = "ledger"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("events/<int:event_id>/", views.event, name="event"),
    # The log's public prefix is `ledger/`; these are C2SP tlog-tiles, which have no slash at the end.
    path("checkpoint", tile_views.checkpoint, name="checkpoint"),
    re_path(r"^tile/(?P<path>.{1,80})$", tile_views.tile, name="tile"),
    path("proof/<int:index>", tile_views.proof, name="proof"),
    path("checkpoints/<int:size>", tile_views.checkpoint_at, name="checkpoint-at"),
    path("anchors/<int:anchor_id>", tile_views.anchor, name="anchor"),
    path("timestamps/<int:timestamp_id>", tile_views.timestamp, name="timestamp"),
    path("conflicts/<str:name>", tile_views.conflict, name="conflict"),
]
