from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("login/resume/", views.resume, name="resume"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("session/", views.session, name="session"),
    path("profile/", views.Profile.as_view(), name="profile"),
    path("profile/password/", views.PasswordChange.as_view(), name="password_change"),
    # The address that the manual prints and people have bookmarked.
    path("fvue/login", views.bookmarked_login, name="bookmarked_login"),
    path("fvue/login/", views.bookmarked_login),
]
