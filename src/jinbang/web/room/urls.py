from __future__ import annotations

from django.urls import path

from jinbang.web.room import discarding, everyone, live, minutes, papers, views

urlpatterns = [
    path("", views.room_list, name="room_list"),
    path("everyone/<int:pk>/", everyone.everyone, name="room_everyone"),
    path("everyone/<int:pk>/authorise/<int:entry>/", everyone.authorise, name="room_everyone_authorise"),
    path("everyone/<int:pk>/back/<int:entry>/", everyone.take_back, name="room_everyone_back"),
    path("rescue/", views.rescue, name="room_rescue"),
    path("papers/", papers.paper_list, name="paper_list"),
    path("papers/prepare/", papers.paper_prepare, name="paper_prepare"),
    path("papers/<int:pk>/", papers.paper_set, name="paper_set"),
    path("papers/<int:pk>/seal/", papers.paper_seal, name="paper_seal"),
    path("papers/<int:pk>/release/", papers.paper_release, name="paper_release"),
    path("papers/<int:pk>/verify/", papers.paper_verify, name="paper_verify"),
    path("papers/<int:pk>/form/", papers.paper_form, name="paper_form"),
    path("papers/<int:pk>/ask-discard/", discarding.paper_ask_discard, name="paper_ask_discard"),
    path("papers/<int:pk>/discard/", discarding.paper_discard, name="paper_discard"),
    path("papers/<int:pk>/keep/", discarding.paper_keep, name="paper_keep"),
    path("<int:pk>/", views.room, name="room"),
    path("<int:pk>/live/", live.events, name="room_live"),
    path("<int:pk>/board/", live.snapshot, name="room_board"),
    path("<int:pk>/seat/<int:attempt>/", views.seat, name="room_seat"),
    path("<int:pk>/do/<str:name>/", views.act, name="room_act"),
    path("<int:pk>/minutes/", minutes.preview, name="room_minutes"),
    path("<int:pk>/minutes.pdf", minutes.pdf, name="room_minutes_pdf"),
]
