"""项目基础信息, 责任单位 and 人员账号 by workbook."""

from django.conf import settings
from django.shortcuts import render

from accounts.views.departments import Departments
from accounts.views.people import People
from reform.imports.base_info import ProjectResource
from reform.imports.departments import DepartmentResource
from reform.imports.people import UserResource
from reform.imports.preview import ResourceImport

from .base_info import BaseInfos
from .imports import BaseDataImport

base_info = BaseDataImport(
    ResourceImport("base_info", ProjectResource),
    "base_info",
    BaseInfos,
    ("reform.add_project", "reform.change_project"),
    ("按项目编号识别，已有的编号即修改该项目；编号不分全角半角、大小写和空格。",),
)
departments = BaseDataImport(
    ResourceImport("departments", DepartmentResource),
    "department",
    Departments,
    ("accounts.add_department", "accounts.change_department"),
    ("按单位名称识别，已有的名称即修改该单位；改名请在“责任单位”页面办理。",),
)


def _show_passwords(request, shown):
    """The one time that the first passwords of new people can be read."""
    people = [row.instance for row in shown.added]
    if not people or settings.INITIAL_PASSWORD != "random":
        return None
    context = People().page() | {"people": people, "days": settings.INITIAL_PASSWORD_DAYS}
    return render(request, "office/initial_passwords.html", context)


people = BaseDataImport(
    ResourceImport("people", UserResource),
    "person",
    People,
    ("accounts.add_user", "accounts.change_user"),
    (
        "按手机号识别，已有的账号即修改该人员；更换手机号请在“人员账号”页面办理。",
        "新增人员使用初始密码，首次登录须修改；职责随单位和角色确定，另有受托的在“受托单位”中填写。",
    ),
    _show_passwords,
)
