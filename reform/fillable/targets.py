"""核心指标填报表: a row for each indicator that is asked for in the month."""

from reform.calendar import MONTHS, today
from reform.forms.target_update import ValueRow
from reform.indicators import QualitativeState
from reform.ledgers.base import NUMBER
from reform.ledgers.base import Column as LedgerColumn
from reform.ledgers.indicators import IndicatorLedger
from reform.models import Indicator, TargetUpdate
from reform.models.indicator import Period, months_of
from workflow.formats import plain
from workflow.texts import parse_pk

from .base import Changing, FillableSheet, Matter, obstacle_of

FIELDS = ValueRow.base_fields


class TargetSheet(FillableSheet):
    kind = "target_sheet"
    title = "核心指标填报表"
    noun = "核心指标"
    ledger = IndicatorLedger()
    record = TargetUpdate
    changing = (
        Changing("value", "当月进度值", 12, "没有进展的填 0", FIELDS["value"]),
        Changing("state", "进展状态", 12, "定性目标从列表中选择", FIELDS["state"], tuple(QualitativeState.choices)),
        Changing("remark", "备注", 40, "滞后的须说明原因，定性目标须写明进展情况", FIELDS["remark"]),
    )

    def month(self, extract):
        """The month asked for, or this one; of a year that is over, its last."""
        day, year = today(), extract.chosen.get("year")
        return extract.chosen.get("month") or (MONTHS[-1] if year and year < day.year else day.month)

    def words(self, extract):
        return f"{self.month(extract)}月"

    def rows(self, extract, user):
        periods = [period for period in Period.values if self.month(extract) in months_of(period)]
        own = extract.rows.filter(battle_map__dossier__department__in=user.assigned_department_ids)
        return own.filter(period__in=periods)

    def key(self, extract, row):
        return f"{row.pk}-{self.month(extract)}"

    def more_columns(self, extract):
        month = extract and self.month(extract)
        return (
            LedgerColumn("填报月份", lambda row: f"{row.year}年{month}月", 12),
            LedgerColumn("当月目标值", lambda row: _target(row, month), 12, NUMBER),
            LedgerColumn("填报内容", lambda row: _expected(row, month), 16),
        )

    def matters(self, user, keys):
        wanted = [_numbers(key) for key in keys]
        own = Indicator.objects.filter(battle_map__dossier__department__in=user.assigned_department_ids)
        indicators = {
            indicator.pk: indicator
            for indicator in own.filter(pk__in={pk for pk, _ in wanted})
            .select_related("battle_map__dossier__project")
            .prefetch_related("targets")
        }
        maps = {indicator.battle_map_id for indicator in indicators.values()}
        unfinished = TargetUpdate.objects.filter(battle_map__in=maps, month__in={month for _, month in wanted})
        updates = {
            (update.battle_map_id, update.month): update
            for update in unfinished.unfinished().prefetch_related("values")
        }
        found = (
            self._matter(indicators[pk], month, updates.get((indicators[pk].battle_map_id, month)))
            for pk, month in wanted
            if pk in indicators and month in indicators[pk].months
        )
        return {matter.key: matter for matter in found}

    def _matter(self, indicator, month, update):
        battle_map = indicator.battle_map
        if update:
            value = next(value for value in update.values.all() if value.indicator_id == indicator.pk)
        else:
            value = TargetUpdate(battle_map=battle_map, month=month).first_value(indicator)
        if indicator.is_qualitative:
            values = {"state": value.get_state_display(), "remark": value.remark}
        else:
            values = {"value": plain(value.value), "remark": value.remark}
        project = battle_map.dossier.project
        return Matter(
            key=f"{indicator.pk}-{month}",
            place=f"{battle_map.pk}-{month}",
            dossier_id=battle_map.dossier_id,
            number=project.number,
            name=f"{project.name} {indicator.name} {battle_map.year}年{month}月",
            values={
                column.name: column.normal(values[column.name]) for column in self.changing if column.name in values
            },
            obstacle=obstacle_of(battle_map.dossier, update, TargetUpdate.obstacle(battle_map, month)),
            record=update,
            unit=indicator.unit,
        )

    def form_of(self, form, key):
        indicator, _ = _numbers(key)
        return next(row for row in form.values.forms if row.instance.indicator_id == indicator)

    def typed(self, matter, column, text):
        """A percentage may be typed with its sign."""
        is_percent = column.name == "value" and matter.unit in ("%", "％")
        return text.rstrip("%％ ") if is_percent else text


def _numbers(key):
    indicator, _, month = key.partition("-")
    return parse_pk(indicator), parse_pk(month)


def _target(row, month):
    target = row.by_month().get(month)
    return target.target_text if target else ""


def _expected(row, month):
    asked = "进展状态和情况" if row.is_qualitative else "当月新增" if row.adds_up else "月末数值"
    data = row.data_month(month)
    return f"{asked}（{data}）" if data else asked
