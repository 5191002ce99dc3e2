"""安全策略: the settings of security in force, as 安全管理员 reads them. No secret stands here."""

from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.password_validation import get_default_password_validators

from accounts.locks import ACCOUNT_FAILURE_LIMIT
from accounts.validators import LengthValidator

SECOND_FACTOR = {"off": "未启用", "required": "改革办审核人员和三员须用动态口令"}


class Policy(NamedTuple):
    name: str
    value: str
    setting: str = ""  # of the environment, where it can be changed


def security_policies() -> list[tuple[str, list[Policy]]]:
    """[(heading, policies)]."""
    [length] = [one for one in get_default_password_validators() if isinstance(one, LengthValidator)]
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    is_random = settings.INITIAL_PASSWORD == "random"
    return [
        (
            "密码",
            [
                Policy("最短长度", f"{length.minimum} 个字符"),
                Policy("字符种类", f"至少 {settings.PASSWORD_MIN_KINDS} 种", "PASSWORD_MIN_KINDS"),
                Policy("使用期限", _days(settings.PASSWORD_MAX_AGE_DAYS, "不限"), "PASSWORD_MAX_AGE_DAYS"),
                Policy("初始密码", "逐个随机生成" if is_random else "统一的初始密码", "INITIAL_PASSWORD"),
                Policy("初始密码期限", _days(settings.INITIAL_PASSWORD_DAYS, "不限"), "INITIAL_PASSWORD_DAYS"),
            ],
        ),
        (
            "登录",
            [
                Policy("锁定", f"同一地址连续输错 {settings.AXES_FAILURE_LIMIT} 次，锁定 {minutes} 分钟"),
                Policy("账号上限", f"不论从何处，一小时内最多输错 {ACCOUNT_FAILURE_LIMIT} 次"),
                Policy("双因素", SECOND_FACTOR[settings.SECOND_FACTOR], "SECOND_FACTOR"),
                Policy("无操作退出", f"{settings.SESSION_COOKIE_AGE // 60} 分钟"),
                Policy("登录最长", f"{settings.SESSION_ABSOLUTE_HOURS} 小时", "SESSION_ABSOLUTE_HOURS"),
                Policy("大屏登录最长", f"{settings.DISPLAY_SESSION_HOURS} 小时", "DISPLAY_SESSION_HOURS"),
            ],
        ),
        (
            "传输、数据和日志",
            [
                Policy("管理页面", "、".join(map(str, settings.ADMIN_ADDRESSES)) or "不限地址", "ADMIN_ADDRESSES"),
                Policy("加密传输", "HTTPS" if settings.HTTPS else "未启用", "HTTPS"),
                Policy("前置代理", f"{settings.PROXY_COUNT} 层", "PROXY_COUNT"),
                Policy("停用人员", _leavers(), "LEAVERS_ANONYMISED_AFTER_DAYS"),
                Policy("审计日志算法", settings.AUDIT_ALGORITHM, "AUDIT_ALGORITHM"),
                Policy("审计日志密钥", "单独保管" if settings.AUDIT_KEY else "由系统密钥推出", "AUDIT_KEY"),
                Policy("附件", f"每个最大 {settings.ATTACHMENT_MAX_MB} MB", "ATTACHMENT_MAX_MB"),
            ],
        ),
    ]


def _leavers() -> str:
    days = settings.LEAVERS_ANONYMISED_AFTER_DAYS
    return f"停用满 {days} 天清除手机号等个人信息" if days else "不清除"


def _days(days: int, otherwise: str) -> str:
    return f"{days} 天" if days else otherwise
