"""Role says what one does; duties say for which departments.

A move takes the old duties away and gives new ones, or does nothing at all.
"""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Department, Duty, Entrustment, Role, User
from tests.factories import DepartmentFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def duties(user):
    rows = Entrustment.objects.filter(user=user).select_related("permission", "content_object")
    return {(row.permission.codename, row.content_object.name) for row in rows}


@pytest.fixture
def clerk(planning):
    return UserFactory(department=planning, role=Role.ENTRY)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.ENTRY, {("enter_records", "市发展改革委")}),
        (Role.DEPT_REVIEWER, {("review_records", "市发展改革委")}),
        (Role.OFFICE_REVIEWER, set()),  # none in particular: all
        (Role.SYSTEM_ADMIN, set()),
        (Role.AUDITOR, set()),
    ],
)
def test_a_new_account_has_the_duty_of_its_role_for_its_own_department(planning, role, expected):
    assert duties(UserFactory(department=planning, role=role)) == expected


def test_a_duty_is_a_guardian_permission_on_the_department(clerk, planning, education):
    assert clerk.has_perm("accounts.enter_records", planning)
    assert not clerk.has_perm("accounts.enter_records", education)
    assert not clerk.has_perm("accounts.review_records", planning)
    assert not clerk.has_perm("accounts.enter_records")


def test_a_transfer_takes_the_old_duties_away(clerk, planning, education):
    clerk.assign(DepartmentFactory(name="市科技局"))
    clerk.department = education
    clerk.save()
    assert duties(clerk) == {("enter_records", "市教委")}
    assert clerk.assigned_department_ids == {education.pk}
    assert not User.objects.get(pk=clerk.pk).has_perm("accounts.enter_records", planning)


def test_a_change_of_role_changes_the_duty(clerk, education):
    clerk.assign(education)
    clerk.role = Role.DEPT_REVIEWER
    clerk.save()
    assert duties(clerk) == {("review_records", "市发展改革委")}


def test_deactivation_takes_all_duties_and_reactivation_gives_the_own_one_back(clerk, planning, education):
    clerk.assign(education)
    clerk.is_active = False
    clerk.save()
    assert duties(clerk) == set()
    assert clerk.assigned_department_ids == frozenset()
    clerk.is_active = True
    clerk.save()
    assert duties(clerk) == {("enter_records", "市发展改革委")}


def test_what_is_no_move_leaves_entrusted_duties_alone(clerk, education):
    clerk.assign(education)
    stamp = clerk.session_stamp
    clerk.full_name = "改名"
    clerk.save()
    clerk.save(update_fields=["last_login"])
    assert duties(clerk) == {("enter_records", "市发展改革委"), ("enter_records", "市教委")}
    assert clerk.session_stamp == stamp


def test_a_move_saved_by_field_settles_duties_too(clerk, education):
    stamp = clerk.session_stamp
    clerk.department = education
    clerk.save(update_fields=["department"])
    assert duties(clerk) == {("enter_records", "市教委")}
    assert User.objects.get(pk=clerk.pk).session_stamp == stamp + 1


def test_a_move_that_fails_half_way_never_happened(clerk, planning, education):
    """The new duty cannot be granted (its permission is gone): place, duties and sessions stay as they were."""
    stamp = clerk.session_stamp
    before = duties(clerk)
    Entrustment.objects.model.permission.field.related_model.objects.filter(codename="review_records").delete()
    clerk.department, clerk.role = education, Role.DEPT_REVIEWER
    with pytest.raises(Exception, match="Permission matching query"), transaction.atomic():
        clerk.save()
    stored = User.objects.get(pk=clerk.pk)
    assert (stored.department, stored.role, stored.session_stamp) == (planning, Role.ENTRY, stamp)
    assert duties(stored) == before


def test_an_office_reviewer_looks_after_all_departments_until_entrusted_with_some(planning, education):
    office = DepartmentFactory(name="市委改革办", is_office=True)
    reviewer = UserFactory(department=office, role=Role.OFFICE_REVIEWER)
    assert reviewer.assigned_department_ids == set(Department.objects.values_list("pk", flat=True))
    reviewer.assign(education)
    assert reviewer.assigned_department_ids == {education.pk}
    reviewer.unassign(education)
    assert reviewer.assigned_department_ids == {planning.pk, education.pk, office.pk}


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.AUDITOR])
def test_administrators_and_auditors_look_after_nothing(planning, role):
    assert UserFactory(department=planning, role=role).assigned_department_ids == frozenset()


def test_looking_after_costs_one_query_and_then_none(clerk, django_assert_num_queries):
    clerk = User.objects.get(pk=clerk.pk)
    with django_assert_num_queries(1):
        assert clerk.assigned_department_ids
    with django_assert_num_queries(0):
        assert clerk.assigned_department_ids


@pytest.mark.parametrize("role", Role)
def test_what_the_admin_offers_follows_from_the_role_alone(settings, planning, role):
    user = UserFactory(department=planning, role=role)
    assert user.get_all_permissions() == settings.ROLE_PERMISSIONS.get(role, set())
    assert user.is_staff == (role in settings.ROLE_PERMISSIONS)
    user.is_active = False
    assert user.get_all_permissions() == set()
    assert not user.is_staff


def test_nobody_is_a_superuser(planning):
    admin = User.objects.create_superuser("13900000006", "管理员", planning.pk, "Own-Words-77")
    assert admin.role == Role.SYSTEM_ADMIN
    assert not admin.has_perm("accounts.delete_user")
    with pytest.raises(IntegrityError, match="nobody_is_superuser"), transaction.atomic():
        User.objects.filter(pk=admin.pk).update(is_superuser=True)


def test_no_role_is_stored_that_the_product_does_not_know(clerk):
    with pytest.raises(IntegrityError, match="role_is_known"), transaction.atomic():
        User.objects.filter(pk=clerk.pk).update(role="minister")


def test_each_reviewing_role_has_the_duty_that_the_manual_gives_it():
    assert {role: role.duty for role in Role} == {
        Role.ENTRY: Duty.ENTER,
        Role.DEPT_REVIEWER: Duty.REVIEW,
        Role.OFFICE_REVIEWER: Duty.CONFIRM,
        Role.SYSTEM_ADMIN: None,
        Role.SECURITY_ADMIN: None,
        Role.AUDITOR: None,
        Role.DISPLAY: None,
    }
