"""入门引导: what a person of each role is shown at the first sign-in, in the order of the work."""

from typing import NamedTuple

from accounts.models import Role, User


class Step(NamedTuple):
    heading: str
    text: str
    entry: str = ""  # of the navigation


HELP = Step("随时查看帮助", "每个页面上方都有“帮助”，点击即可查看这个页面的操作步骤和图示。")
TOURS = {
    Role.ENTRY: (
        Step("先看工作台", "待绘制、待更新的事项和被驳回、退回的内容都列在这里，点击数字即可办理。", "工作台"),
        Step(
            "绘制项目作战图",
            "找到项目，点击“更新”，填写核心指标、具体举措和月度推进计划，“保存并上报”。",
            "绘制项目作战图",
        ),
        Step(
            "本月一页报完",
            "作战图下发后，每月最后一个工作日前更新全部到期的进度值和月度计划，计划完成的附佐证材料。",
            "本月一页报完",
        ),
        Step("查看审核进展", "上报的内容列在“我上报的”中，上一级审核之前可以撤回。", "我上报的"),
        HELP,
    ),
    Role.DEPT_REVIEWER: (
        Step("待我审核", "本单位上报的内容列在这里，点击任一件逐件审核，也可以勾选多件一并通过。", "待我审核"),
        Step(
            "核对内容", "与上一次上报相比的变化已标出，佐证材料在页面上直接查看；无误的“通过”，有误的“驳回”并说明原因。"
        ),
        Step("查看已审核", "市委改革办审核之前，可以在“已审核”中撤回本单位已通过的记录。", "已审核"),
        HELP,
    ),
    Role.OFFICE_REVIEWER: (
        Step("待我审核", "各单位通过后上报的内容列在这里，“确认”“退回完善”或“驳回”。", "待我审核"),
        Step("下发作战图", "确认后的作战图在“待下发”中逐件或成批下发，下发后责任单位才能更新。", "待下发"),
        Step("月末收官", "应报事项停在哪一步、在谁手上，在“月末收官台”查看和催办。", "月末收官台"),
        Step("掌握全局", "“驾驶舱”只统计已确认的数据，数字都可以点开查看记录。", "驾驶舱"),
        HELP,
    ),
    Role.SYSTEM_ADMIN: (
        Step("责任单位", "新增单位、改名、合并和拆分，都在“责任单位”中办理。", "责任单位"),
        Step("人员账号", "新增人员、重置初始密码、停用账号；新增、调动的账号由安全管理员授权。", "人员账号"),
        HELP,
    ),
    Role.SECURITY_ADMIN: (
        Step("人员账号", "系统管理员新增、调动、重新启用的账号在这里核对角色并授权，授权后才能登录。", "人员账号"),
        Step("责任单位", "每个单位由谁录入、谁审核，在“责任单位”中指定。", "责任单位"),
        Step("安全策略", "密码、锁定、登录时长等正在执行的规定，在“安全策略”中查看。", "安全策略"),
        HELP,
    ),
    Role.AUDITOR: (
        Step(
            "审计日志",
            "谁在什么时间做了什么、被拒绝了什么，都在“审计日志”中，不能更改，可以校验。",
            "审计日志",
        ),
        Step("流转记录", "谁在什么时间办理了什么，都在“流转记录”中，只能查看，不能更改。", "流转记录"),
        Step("台账导出记录", "谁导出过哪些台账，在“台账导出记录”中查看。", "台账导出记录"),
        HELP,
    ),
}


def tour(user: User, *, again: bool) -> tuple[Step, ...]:
    """The steps for this person, who has not seen them in this role, or asks for them again."""
    return TOURS.get(Role(user.role), ()) if again or user.tour_role != user.role else ()
