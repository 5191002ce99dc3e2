from django.urls import path

from accounts.views import departments, people, second_factor, session

app_name = "accounts"

urlpatterns = [
    path("login/", session.Login.as_view(), name="login"),
    path("login/resume/", session.resume, name="resume"),
    path("logout/", session.Logout.as_view(), name="logout"),
    path("session/", session.session, name="session"),
    path("profile/", session.Profile.as_view(), name="profile"),
    path("login/code/", second_factor.second_factor, name="second_factor"),
    path("profile/recovery-codes/", second_factor.recovery_codes, name="recovery_codes"),
    path("profile/password/", session.PasswordChange.as_view(), name="password_change"),
    *departments.Departments().urls("office/departments/"),
    *people.People().urls("office/people/"),
    path("office/people/<key:pk>/reset/", people.reset, name="person_reset"),
    path("office/people/<key:pk>/unlock/", people.unlock, name="person_unlock"),
    path("office/people/<key:pk>/end-sessions/", people.end_sessions, name="person_end_sessions"),
    path("office/people/<key:pk>/reset-code/", people.reset_code, name="person_reset_code"),
    path("office/security/", people.policies, name="policies"),
    # The address that the manual prints and people have bookmarked.
    path("fvue/login", session.bookmarked_login, name="bookmarked_login"),
    path("fvue/login/", session.bookmarked_login),
]
