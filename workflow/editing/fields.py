"""Form fields that take what people really type or paste, and say plainly what they cannot take."""

from decimal import Decimal
from typing import Any

from django import forms

from workflow import forms as workflow_forms
from workflow.formats import MAX_DECIMALS, MAX_WHOLE_DIGITS, plain
from workflow.texts import clean_text, number_text

TEXT_LIMIT = 5000  # characters in one free text


class TextField(forms.CharField):
    """Free text of several lines, or of one with `rows=None`."""

    def __init__(
        self, *, rows: int | None = 4, max_length: int = TEXT_LIMIT, required: bool = False, **kwargs: Any
    ) -> None:
        widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
        super().__init__(required=required, widget=widget, strip=False, **kwargs)
        self.longest = max_length  # not `max_length`: the browser would cut a paste silently
        widget.attrs["data-limit"] = str(max_length)

    def clean(self, value: Any) -> str:
        text = clean_text(value or "")
        if not isinstance(self.widget, forms.Textarea):
            text = " ".join(text.split("\n"))
        if len(text) > self.longest:
            raise forms.ValidationError(f"不超过 {self.longest} 字，现有 {len(text)} 字。")
        kept: str = super().clean(text)
        return kept


class NumberField(forms.DecimalField):
    """An exact decimal as people write it (see `texts.number_text`)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"required": False, "max_digits": MAX_WHOLE_DIGITS + MAX_DECIMALS, "decimal_places": MAX_DECIMALS}
            | kwargs
        )
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        too_long = f"数字过长，整数部分不超过 {MAX_WHOLE_DIGITS} 位。"
        self.error_messages |= {
            "invalid": "请填写数字，例如 3.5。",
            "comma": "逗号只能用作千位分隔，例如 1,234；小数请用小数点，例如 12.5。",
            "max_digits": too_long,
            "max_whole_digits": too_long,
            "max_decimal_places": f"小数不超过 {MAX_DECIMALS} 位。",
        }

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stub keeps its parent's int
        if isinstance(value, str):
            typed, value = value, number_text(value)
            if value is None:
                # Only a comma is wrong with it.
                code = "comma" if number_text(typed.replace(",", "").replace("，", "")) else "invalid"
                raise forms.ValidationError(self.error_messages[code], code=code)
        return super().to_python(value)

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, str) else plain(value)


class DayField(workflow_forms.DayField):
    """A date that a draft may leave out."""

    def __init__(self, *, required: bool = False, **kwargs: Any) -> None:
        super().__init__(required=required, **kwargs)
        self.widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        self.error_messages["invalid"] = "请填写正确的日期，例如 2026-07-01。"
