"""Nothing in the audit log is rewritten: the database refuses it, and who gets past the database is found out."""

import json
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.conf import settings as product
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.audit import triggers
from accounts.audit.anchors import add_anchor
from accounts.audit.chain import keyed_hash, link_waiting
from accounts.audit.entries import Action, AuditEntry, AuditLink, Result
from accounts.audit.verification import verify
from accounts.audit.writing import write
from accounts.checks import audit_key_is_separate, keys_are_random

pytestmark = pytest.mark.sql


@pytest.fixture
def anchors(settings, tmp_path):
    settings.AUDIT_ANCHORS = tmp_path / "outside" / "anchors.log"
    return settings.AUDIT_ANCHORS


@pytest.fixture
def chain(cast, anchors):
    """Five linked entries, 第 1 号 to 第 5 号."""
    empty_log()
    for number in range(1, 6):
        write(cast.clerk, Action.DOWNLOAD, f"附件{number}", before={"状态": "草稿"})
    link_waiting()
    return list(AuditEntry.objects.order_by("pk"))


def behind_the_product(*statements):
    """What only the owner of the tables can do: without the triggers."""
    connection.check_constraints()
    triggers.drop_triggers(connection)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.check_constraints()
    triggers.create_triggers(connection)


def empty_log():
    behind_the_product("DELETE FROM accounts_auditlink", "DELETE FROM accounts_auditentry")


def found():
    return " ".join(verify().findings)


def test_what_was_written_is_verified(chain):
    report = verify()
    assert report.findings == []
    assert (report.linked, report.waiting) == (5, 0)
    assert report.sentence == "校验通过：共校验 5 条，待入链 0 条，尚无锚点。"


def test_what_is_not_yet_in_the_chain_is_said_to_wait(chain, cast):
    write(cast.clerk, Action.EXPORT, "月度计划台账")
    report = verify()
    assert (report.findings, report.linked, report.waiting) == ([], 5, 1)
    assert "待入链 1 条" in report.sentence
    link_waiting()
    assert (verify().linked, verify().waiting) == (6, 0)


@pytest.mark.parametrize("table", triggers.TABLES)
@pytest.mark.parametrize(
    "verb",
    [
        "UPDATE",
        "DELETE",
        # SQLite asks row by row, and has no TRUNCATE.
        pytest.param("UPDATE of no row", marks=pytest.mark.postgresql),
        pytest.param("TRUNCATE", marks=pytest.mark.postgresql),
    ],
)
def test_the_database_refuses_to_change_it(chain, table, verb):
    column = "title" if table == "accounts_auditentry" else "previous"
    statement = {
        "UPDATE": f"UPDATE {table} SET {column} = 'x'",
        "UPDATE of no row": f"UPDATE {table} SET {column} = 'x' WHERE {column} = 'none'",
        "DELETE": f"DELETE FROM {table}",
        "TRUNCATE": f"TRUNCATE {table} CASCADE",
    }[verb]
    connection.check_constraints()
    with pytest.raises(DatabaseError, match=triggers.REFUSAL), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify().sentence.startswith("校验通过：共校验 5 条")


def test_the_product_cannot_change_it_either(chain):
    for meddle in (chain[0].save, chain[0].delete, AuditEntry.objects.all().delete, AuditLink.objects.all().delete):
        with pytest.raises(TypeError):
            meddle()
    with pytest.raises(TypeError):
        AuditEntry.objects.update(title="x")


@pytest.mark.postgresql
def test_the_role_of_the_service_may_only_add(chain, cast):
    """deploy/application_role.sql, as the deployment runs it."""
    connection.check_constraints()
    script = Path(product.BASE_DIR, "deploy", "application_role.sql").read_text()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(script.replace("reform_app", "reform_app_of_test"))
            cursor.execute("SET LOCAL ROLE reform_app_of_test")
        write(cast.clerk, Action.EXPORT, "月度计划台账")
        link_waiting()
        assert verify().linked == 6
        for table in triggers.TABLES:
            for statement in (
                f"UPDATE {table} SET algorithm = 'x'",
                f"DELETE FROM {table}",
                f"TRUNCATE {table}",
                f"DROP TRIGGER append_only ON {table}",
                f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            ):
                words = "permission denied for table|must be owner of"
                with pytest.raises(DatabaseError, match=words), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        connection.check_constraints()
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "change",
    [
        "title = '附件9'",
        "name = '别人'",
        "at = '2026-07-01 09:00:00+00'",
        "result = 'denied'",
        "before = NULL",
        "address = '10.0.0.9'",
        "algorithm = 'none'",
    ],
)
def test_a_changed_row_is_named(chain, change):
    behind_the_product(f"UPDATE accounts_auditentry SET {change} WHERE id = {chain[2].pk}")
    [finding] = verify().findings
    assert f"第 3 号（编号 {chain[2].pk}，" in finding
    assert finding.endswith("的内容被改动。")


def test_a_row_changed_with_its_seal_is_named(chain):
    """Who has the database has not the key."""
    seal = keyed_hash("hmac-sha256", "anything")
    behind_the_product(f"UPDATE accounts_auditentry SET title = 'x', seal = '{seal}' WHERE id = {chain[2].pk}")
    assert "第 3 号" in found()


def test_the_seal_of_another_row_does_not_fit(chain):
    behind_the_product(
        f"UPDATE accounts_auditentry SET title = '附件1', seal = '{chain[0].seal}' WHERE id = {chain[2].pk}"
    )
    assert "第 3 号" in found()


@pytest.mark.parametrize(("last", "words"), [(3, "第 3 号日志被删除。"), (4, "第 3 号至第 4 号日志被删除。")])
def test_removed_rows_are_named(chain, last, words):
    keys = ", ".join(str(entry.pk) for entry in chain[2:last])
    behind_the_product(
        f"DELETE FROM accounts_auditlink WHERE entry_id IN ({keys})",
        f"DELETE FROM accounts_auditentry WHERE id IN ({keys})",
    )
    assert verify().findings == [words]


def test_removed_last_rows_are_named_by_the_anchor(chain, anchors):
    add_anchor()
    last = f"{chain[3].pk}, {chain[4].pk}"
    behind_the_product(
        f"DELETE FROM accounts_auditlink WHERE entry_id IN ({last})",
        f"DELETE FROM accounts_auditentry WHERE id IN ({last})",
    )
    assert verify().findings == ["末尾被截断：锚点已记到第 5 号，第 4 号至第 5 号日志被删除。"]


def test_a_chain_grown_again_after_a_cut_does_not_fit_the_anchor(chain, anchors, cast):
    add_anchor()
    behind_the_product(
        f"DELETE FROM accounts_auditlink WHERE entry_id = {chain[4].pk}",
        f"DELETE FROM accounts_auditentry WHERE id = {chain[4].pk}",
    )
    write(cast.clerk, Action.DOWNLOAD, "附件5")
    link_waiting()
    assert "第 5 号与" in found()
    assert "的锚点不符，此前的日志被改写。" in found()


def test_an_inserted_row_is_named_and_never_linked(chain):
    copied = "at, person, name, department, role, action, kind, key, title, before, after, result, address, algorithm"
    token = "'00000000000000000000000000000001'"
    behind_the_product(
        f"INSERT INTO accounts_auditentry (token, seal, {copied})"
        f" SELECT {token}, seal, {copied} FROM accounts_auditentry WHERE id = {chain[0].pk}"
    )
    inserted = AuditEntry.objects.latest("pk")
    link_waiting()
    [finding] = verify().findings
    assert finding.startswith(f"编号 {inserted.pk} 的日志不是系统写入的（")
    assert AuditLink.objects.count() == 5


def test_a_row_pushed_into_the_chain_is_named(chain, cast):
    write(cast.clerk, Action.DOWNLOAD, "附件6")
    forged = AuditEntry.objects.latest("pk")
    behind_the_product(
        "INSERT INTO accounts_auditlink (position, entry_id, previous, algorithm, hash)"
        f" SELECT 6, {forged.pk}, hash, algorithm, hash FROM accounts_auditlink WHERE position = 5"
    )
    assert f"第 6 号（编号 {forged.pk}，" in found()
    assert "的链校验值被改动。" in found()


def test_with_another_key_nothing_fits(chain, settings):
    settings.AUDIT_KEY = "another"
    assert len(verify().findings) == 5


def test_each_row_names_its_algorithm(chain, settings, cast):
    """An installation that changes to SM3 still verifies what was written before."""
    settings.AUDIT_ALGORITHM = "hmac-sm3"
    write(cast.clerk, Action.DOWNLOAD, "附件6")
    link_waiting()
    assert list(AuditLink.objects.values_list("algorithm", flat=True)) == ["hmac-sha256"] * 5 + ["hmac-sm3"]
    assert verify().findings == []


def test_checks_warn_of_a_key_that_is_missing_or_weak(settings):
    settings.AUDIT_KEY = ""
    assert [warning.id for warning in audit_key_is_separate()] == ["accounts.W002"]
    settings.AUDIT_KEY, settings.PHONE_KEY = "of its own", "a" * 50
    assert audit_key_is_separate() == []
    assert [warning.msg for warning in keys_are_random()] == [
        "AUDIT_KEY is weak (AUDIT_KEY 太弱).",
        "PHONE_KEY is weak (PHONE_KEY 太弱).",
    ]
    settings.AUDIT_KEY, settings.PHONE_KEY = "fifty random characters " * 3, ""
    assert keys_are_random() == []


def test_commands_anchor_and_verify(chain, anchors, capsys):
    call_command("anchor_audit")
    call_command("anchor_audit")
    assert len(anchors.read_text().splitlines()) == 2
    capsys.readouterr()
    call_command("verify_audit")
    assert capsys.readouterr().out.strip() == "校验通过：共校验 5 条，待入链 0 条，已锚定至第 5 号。"
    behind_the_product(f"UPDATE accounts_auditentry SET title = 'x' WHERE id = {chain[1].pk}")
    with pytest.raises(CommandError, match=r"校验不通过：发现 1 处问题.*\n第 2 号"):
        call_command("verify_audit")


def test_a_spoilt_anchor_is_named_and_the_others_count(chain, anchors):
    add_anchor()
    with anchors.open("ab") as file:
        file.write(b"x\n\xff\n{}\n")
    spoilt = [f"锚点文件第 {number} 行不能识别。" for number in (2, 3, 4)]
    assert verify().findings == spoilt
    cut_off_the_end_of(chain)
    assert verify().findings == [*spoilt, "末尾被截断：锚点已记到第 5 号，第 5 号日志被删除。"]


def cut_off_the_end_of(chain):
    behind_the_product(
        f"DELETE FROM accounts_auditlink WHERE entry_id = {chain[4].pk}",
        f"DELETE FROM accounts_auditentry WHERE id = {chain[4].pk}",
    )


@pytest.mark.parametrize("left", [0, 1, 30, 60, -2, "zeros", "zeros after a part"])
def test_an_anchor_that_the_power_failed_in_is_told_and_the_next_one_is_whole(chain, anchors, cast, left):
    add_anchor()
    whole = anchors.read_bytes()
    write(cast.clerk, Action.DOWNLOAD, "附件6")
    add_anchor()
    line = anchors.read_bytes().removeprefix(whole)
    rest = {"zeros": b"\0" * 200, "zeros after a part": line[:40] + b"\0" * 160}.get(left) or line[:left]
    anchors.write_bytes(whole + (rest if left else b""))
    told = "；锚点文件第 2 行没有写完（例如写入时断电），未采用" if left else ""
    report = verify()
    assert (report.findings, report.anchored) == ([], 5)
    assert report.sentence == f"校验通过：共校验 6 条，待入链 0 条，已锚定至第 5 号{told}。"

    add_anchor()
    report = verify()
    assert (report.findings, report.anchored) == ([], 6)
    assert report.sentence == f"校验通过：共校验 6 条，待入链 0 条，已锚定至第 6 号{told}。"


def test_an_anchor_without_its_line_end_counts_and_the_next_one_stands_below(chain, anchors, cast):
    add_anchor()
    anchors.write_bytes(anchors.read_bytes().rstrip(b"\n"))
    assert verify().sentence.endswith("已锚定至第 5 号。")
    write(cast.clerk, Action.DOWNLOAD, "附件6")
    add_anchor()
    assert len(anchors.read_text().splitlines()) == 2
    assert verify().sentence == "校验通过：共校验 6 条，待入链 0 条，已锚定至第 6 号。"


@pytest.mark.parametrize("line", [1, 2])
@pytest.mark.parametrize("what", ["removed", "cut off", "moved back", "unsealed"])
def test_an_anchor_taken_out_of_their_midst_is_noticed(chain, anchors, cast, line, what):
    for number in range(6, 9):
        add_anchor()
        write(cast.clerk, Action.DOWNLOAD, f"附件{number}")
    lines = anchors.read_text().splitlines(keepends=True)
    assert verify().findings == []
    taken = json.loads(lines[line - 1])
    lines[line - 1] = {
        "removed": "",
        "cut off": lines[line - 1][:50] + "\n",
        "moved back": json.dumps(taken | {"position": 1, "hash": AuditLink.objects.get(position=1).hash}) + "\n",
        "unsealed": json.dumps({name: taken[name] for name in ("position", "hash", "at")}) + "\n",
    }[what]
    anchors.write_text("".join(lines))
    findings = verify().findings
    assert findings
    assert all("不相连：该行被改动，或此前的锚点被删除。" in finding for finding in findings)


def test_anchors_of_earlier_versions_count_and_are_held_by_the_next(chain, anchors):
    end = AuditLink.objects.latest("position")
    line = json.dumps({"position": end.position, "hash": end.hash, "at": "2026-07-15T09:00:00+08:00"}) + "\n"
    anchors.parent.mkdir()
    anchors.write_text(line * 2)
    assert verify().sentence == "校验通过：共校验 5 条，待入链 0 条，已锚定至第 5 号。"
    add_anchor()
    assert verify().findings == []
    anchors.write_text("".join(anchors.read_text().splitlines(keepends=True)[2:]))
    assert verify().findings == ["锚点文件第 1 行与前一个锚点不相连：该行被改动，或此前的锚点被删除。"]


def test_a_file_of_anchors_that_cannot_be_used_is_said(chain, anchors):
    anchors.mkdir(parents=True)
    [finding] = verify().findings
    assert finding.startswith("锚点文件不能读取：")
    with pytest.raises(CommandError, match="没有锚定：锚点文件（AUDIT_ANCHORS）不能读写"):
        call_command("anchor_audit")


def test_an_empty_log_is_not_anchored(cast, anchors):
    empty_log()
    assert add_anchor() is None
    assert not anchors.exists()


@pytest.mark.django_db(transaction=True)
def test_an_entry_is_linked_with_the_commit_and_gone_with_a_rollback():
    with transaction.atomic():
        write(None, Action.SIGN_IN, "一", result=Result.FAILED)
        assert not AuditLink.objects.exists()
    assert AuditLink.objects.get().entry.title == "一"
    with transaction.atomic():
        write(None, Action.SIGN_IN, "二", result=Result.FAILED)
        transaction.set_rollback(True)
    with transaction.atomic():
        for title in "三四":
            write(None, Action.SIGN_IN, title, result=Result.FAILED)
    linked = AuditLink.objects.order_by("position").values_list("position", "entry__title")
    assert list(linked) == [(1, "一"), (2, "三"), (3, "四")]


@pytest.mark.race
def test_fifty_writers_make_one_chain():
    barrier = Barrier(50)

    def work():
        barrier.wait()
        for number in range(4):
            with transaction.atomic():
                write(None, Action.SIGN_IN, str(number), result=Result.FAILED)
        connection.close()

    writers = [Thread(target=work) for _ in range(50)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    report = verify()
    assert (report.findings, report.linked, report.waiting, report.last) == ([], 200, 0, 200)
