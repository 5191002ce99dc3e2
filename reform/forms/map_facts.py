"""What a form of a map says, in words: to be compared with what another one says."""

from .battle_map import DETAILS, rows_now


def facts_of(form):
    """{label: text} of the whole form, bound and valid or as it stands: cell by cell, plans as one line each."""
    indicators, measures = rows_now(form.indicators), rows_now(form.measures)
    plans = [plan for measure in measures for plan in rows_now(measure.plans)]
    found = {
        "核心指标": f"{len(indicators)} 个",
        "具体举措": f"{len(measures)} 条",
        "月度推进计划": f"{len(plans)} 项",
    }
    found |= {form.fields[name].label: _display_value(form, name) for name in form.Meta.fields}
    for indicator in indicators:
        subject = _indicator(indicator)
        found |= {
            f"{subject}{indicator.fields[name].label}": _display_value(indicator, name)
            for name in _shown_fields(indicator)
        }
    for measure in measures:
        subject = _measure(measure)
        units = [name for name in ("lead", "partners") if name in measure.fields]
        found |= {f"{subject}{measure.fields[name].label}": _display_value(measure, name) for name in units}
        found[f"{subject}月度计划"] = "\n".join(_plan(plan) for plan in rows_now(measure.plans))
    return found


def things_of(form):
    """The indicators, measures and plans, by what tells them apart."""
    for_plans = [(measure, plan) for measure in rows_now(form.measures) for plan in rows_now(measure.plans)]
    return [
        *(_indicator(row) for row in rows_now(form.indicators)),
        *(_measure(row) for row in rows_now(form.measures)),
        *(f"{_measure(measure)}的计划“{_plan(plan)}”" for measure, plan in for_plans),
    ]


def _shown_fields(indicator):
    """The fields that its type and its period have."""
    months = [f"{'w' if indicator.is_qualitative else 'm'}{month}" for month in indicator.period_ends]
    return ["unit", indicator.annual.name, *DETAILS, *months]


def _indicator(row):
    name = _display_value(row, "name")
    return f"指标“{name}”" if name else "未填名称的指标"


def _measure(row):
    content = _display_value(row, "content")
    return f"举措“{content}”" if content else "未填内容的举措"


def _plan(row):
    own_name = _display_value(row, "type_name")
    kind = f"{_display_value(row, 'type')}{f'（{own_name}）' if own_name else ''}"
    return f"{_display_value(row, 'month')} {kind}：{_display_value(row, 'content')}"


def _display_value(row, name):
    """A field in words, whether it is bound or not."""
    field = row.fields[name]
    value = row.cleaned_data.get(name) if row.is_bound else row[name].value()
    choices = getattr(field, "choices", None)
    if choices is None:
        return str(field.prepare_value(value) or "")
    labels = {str(key): str(label) for key, label in choices}
    keys = [str(getattr(one, "pk", one) or "") for one in (value if isinstance(value, list) else [value])]
    return "、".join(labels.get(key, "") for key in keys if key or name == "lead")
