"""Things to test with."""

import factory
from factory.django import DjangoModelFactory

from accounts.models import Department, Role, User

PASSWORD = "Correct-Horse-9"


class DepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    name = factory.Sequence("第{}局".format)
    position = factory.Sequence(lambda n: n)


class UserFactory(DjangoModelFactory):
    """A person who has long chosen a password of their own; `password=None`: one who has not."""

    class Meta:
        model = User

    phone = factory.Sequence(lambda n: f"138{n:08d}")
    full_name = factory.Sequence("人员{}".format)
    department = factory.SubFactory(DepartmentFactory)
    role = Role.ENTRY

    @classmethod
    def _create(cls, model_class, *args, password=PASSWORD, **kwargs):
        user = model_class(*args, **kwargs)
        if password is None:
            user.set_initial_password()
        else:
            user.choose_password(password)
        user.save()
        return user
