"""Signing in, and what a person does with their own account."""

from django.urls import path

from jinbang.web.account import impersonation, inbox, profile, second_factor, sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("sign-in/code/", second_factor.second_factor, name="second_factor"),
    path("sign-in/code/setup/", second_factor.second_factor_setup, name="second_factor_setup"),
    path("account/", profile.profile, name="profile"),
    path("account/security/", profile.security, name="security"),
    path("account/security/password/", profile.password_change, name="password_change"),
    path("account/security/sessions/end/", profile.sessions_end, name="sessions_end"),
    path("account/inbox/", inbox.inbox, name="inbox"),
    path("account/inbox/<int:pk>/", inbox.inbox_message, name="inbox_message"),
    path("account/inbox/read/", inbox.inbox_read, name="inbox_read"),
    path("impersonation/<int:pk>/", impersonation.impersonation_begin, name="impersonation_begin"),
    path("impersonation/end/", impersonation.impersonation_end, name="impersonation_end"),
]
