from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_administrators"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("sign_in", "登录"),
                    ("sign_out", "退出登录"),
                    ("visit", "访问"),
                    ("send", "提交"),
                    ("step", "流转"),
                    ("edit", "修改草稿"),
                    ("discard", "删除草稿"),
                    ("upload", "上传文件"),
                    ("download", "下载文件"),
                    ("remove", "移除文件"),
                    ("import", "导入"),
                    ("export", "导出"),
                    ("add", "新增"),
                    ("change", "修改"),
                    ("delete", "删除"),
                    ("reveal", "查看手机号"),
                    ("letter", "发函"),
                    ("verify", "校验日志"),
                    ("adopt", "纳入旧日志"),
                ],
                max_length=20,
                verbose_name="操作",
            ),
        ),
    ]
