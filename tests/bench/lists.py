"""Which list is compared with which changelist: (what, who, the product's address, the changelist's)."""

PAIRS = [
    ("项目", "office_reviewer", "/projects/", "reform/project"),
    ("月度计划推进更新", "office_reviewer", "/kinds/planupdate/", "reform/planupdate"),
    ("督办事项", "office_reviewer", "/supervision/", "reform/supervisionmatter"),
    ("责任单位", "system_admin", "/office/departments/", "accounts/department"),
    ("人员账号", "system_admin", "/office/people/", "accounts/user"),
    ("审计日志", "auditor", "/audit/", "accounts/auditentry"),
    ("量化目标台账", "office_reviewer", "/ledgers/indicators/", "reform/indicator"),
    ("月度计划台账", "office_reviewer", "/ledgers/plans/", "reform/monthlyplan"),
    ("经验复制推广台账", "office_reviewer", "/ledgers/promotions/", "reform/promotionupdate"),
    ("品牌显示度台账", "office_reviewer", "/ledgers/brands/", "reform/brandupdate"),
]
