"""安全策略: the settings of security in force, as 安全管理员 reads them. No secret stands here."""

from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.password_validation import get_default_password_validators

from accounts.locks import ACCOUNT_FAILURE_LIMIT
from accounts.validators import LengthValidator

ADJUSTABLE = True
SECOND_FACTOR = {"off": "未启用", "required": "改革办审核人员和三员须用动态口令"}


class Policy(NamedTuple):
    name: str
    value: str
    is_adjustable: bool = False  # by a setting of the environment; the operations guide says which


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
                Policy("字符种类", f"至少 {settings.PASSWORD_MIN_KINDS} 种", ADJUSTABLE),
                Policy("使用期限", f"{days} 天" if (days := settings.PASSWORD_MAX_AGE_DAYS) else "不限", ADJUSTABLE),
                Policy("初始密码", "逐个随机生成" if is_random else "统一的初始密码", ADJUSTABLE),
                Policy("初始密码期限", f"{settings.INITIAL_PASSWORD_DAYS} 天", ADJUSTABLE),
            ],
        ),
        (
            "登录",
            [
                Policy("锁定", f"同一地址连续输错 {settings.AXES_FAILURE_LIMIT} 次，锁定 {minutes} 分钟"),
                Policy("账号上限", f"不论从何处，一小时内最多输错 {ACCOUNT_FAILURE_LIMIT} 次"),
                Policy("双因素", SECOND_FACTOR[settings.SECOND_FACTOR], ADJUSTABLE),
                Policy("无操作退出", f"{settings.SESSION_COOKIE_AGE // 60} 分钟"),
                Policy("登录最长", f"{settings.SESSION_ABSOLUTE_HOURS} 小时", ADJUSTABLE),
                Policy("大屏登录最长", f"{settings.DISPLAY_SESSION_HOURS} 小时", ADJUSTABLE),
            ],
        ),
        (
            "传输、数据和日志",
            [
                Policy("管理页面", "、".join(map(str, settings.ADMIN_ADDRESSES)) or "不限地址", ADJUSTABLE),
                Policy("加密传输", "HTTPS" if settings.HTTPS else "未启用", ADJUSTABLE),
                Policy("前置代理", f"{settings.PROXY_COUNT} 层", ADJUSTABLE),
                Policy("停用人员", _leavers(), ADJUSTABLE),
                Policy("口令和附件校验", "国密（SM3）" if settings.NATIONAL_ALGORITHMS else "国际通用算法", ADJUSTABLE),
                Policy("手机号存放", "加密（SM4）" if settings.PHONE_KEY else "未加密", ADJUSTABLE),
                Policy("审计日志算法", settings.AUDIT_ALGORITHM.upper(), ADJUSTABLE),
                Policy("审计日志密钥", "单独保管" if settings.AUDIT_KEY else "由系统密钥推出", ADJUSTABLE),
                Policy("附件", f"每个最大 {settings.ATTACHMENT_MAX_MB} MB", ADJUSTABLE),
            ],
        ),
    ]


def _leavers() -> str:
    days = settings.LEAVERS_ANONYMISED_AFTER_DAYS
    return f"停用满 {days} 天清除手机号等个人信息" if days else "不清除"
