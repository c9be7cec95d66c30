"""Addresses."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from carrefour.accounts import factor_views, views

app_name = "accounts"
urlpatterns = [
    path("connexion/", views.LoginView.as_view(), name="login"),
    path("connexion/code/", factor_views.give_code, name="second_factor"),
    path("compte/second-facteur/", factor_views.settings_page, name="factor_settings"),
    path("compte/second-facteur/inscrire/", factor_views.enrol, name="enrol"),
    path("compte/second-facteur/codes/", factor_views.renew_codes, name="factor_codes"),
    path(
        "compte/second-facteur/codes/fichier/",
        factor_views.download_codes,
        name="factor_codes_file",
    ),
    path("compte/second-facteur/retirer/", factor_views.remove, name="factor_remove"),
    path("deconnexion/", LogoutView.as_view(), name="logout"),
    path("mot-de-passe/", views.PasswordChangeView.as_view(), name="password_change"),
    path("mot-de-passe/oublie/", views.PasswordResetView.as_view(), name="password_reset"),
    path(
        "mot-de-passe/oublie/envoye/",
        views.PasswordResetDoneView.as_view(),
        name="password_reset_done",
    ),
    path(
        "mot-de-passe/nouveau/<uidb64>/<token>/",
        views.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "mot-de-passe/nouveau/enregistre/",
        views.PasswordResetCompleteView.as_view(),
        name="password_reset_complete",
    ),
]
