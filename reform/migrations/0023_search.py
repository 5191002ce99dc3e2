from django.db import migrations

from reform.search.gram_index import gram_function, gram_index


class Migration(migrations.Migration):
    dependencies = [("reform", "0022_bulletins"), ("workflow", "0009_contributions")]

    operations = [
        gram_function(),
        gram_index("reform_indicator", "name", "annual_words", "scope", "source"),
        gram_index("reform_measure", "content"),
        gram_index("reform_monthlyplan", "type_name", "content"),
        gram_index("reform_targetvalue", "remark"),
        gram_index("reform_planupdate", "work_done", "difficulties", "next_steps"),
        gram_index("reform_promotionupdate", "summary"),
        gram_index("reform_brandupdate", "circumstances", "results", "recognition_detail"),
        gram_index("reform_measureiteration", "content", "basis"),
        gram_index("reform_targetadjustment", "annual_words", "basis"),
        gram_index("reform_extension", "reason", "work_done"),
        gram_index("reform_closure", "completion", "results", "arrangements", "reasons"),
        gram_index("workflow_attachment", "name"),
    ]
