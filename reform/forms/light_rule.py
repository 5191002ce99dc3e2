"""亮灯规则."""

from django import forms

from reform.models import LightRule

WHOLE = dict.fromkeys(["required", "invalid"], "请填写 1 到 100 的整数。")


class LightRuleForm(forms.ModelForm):
    """`known` is the rule that the page showed: whoever saves has seen it."""

    red_below = forms.IntegerField(label="红灯：低于累计目标值的（%）", error_messages=WHOLE)
    amber_below = forms.IntegerField(label="黄灯：低于累计目标值的（%）", error_messages=WHOLE)
    known = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = LightRule
        fields = ["red_below", "amber_below"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["known"] = self.instance.token
        for name in self.Meta.fields:
            self.fields[name].widget = forms.TextInput({"class": "form-control", "inputmode": "numeric"})

    def clean(self):
        red, amber = self.cleaned_data.get("red_below"), self.cleaned_data.get("amber_below")
        if amber is not None and amber > 100:
            self.add_error("amber_below", "黄灯线不超过 100。")
        if red is not None and red <= 0:
            self.add_error("red_below", "红灯线应大于 0。")
        elif red is not None and amber is not None and red >= amber:
            self.add_error("red_below", "红灯线应小于黄灯线。")
        return self.cleaned_data
