"""Of which year and kind 减负表 speaks."""

from django import forms

from reform.calendar import today

from . import FORMS

YEARS = 5  # that can be chosen


class BurdenForm(forms.Form):
    year = forms.TypedChoiceField(label="年度", coerce=int, required=False)
    kind = forms.ChoiceField(label="填报类型", required=False)

    def __init__(self, query):
        now = today().year
        super().__init__({"year": str(now)} | query.dict())
        self.fields["year"].choices = [(year, f"{year}年") for year in range(now, now - YEARS, -1)]
        kinds = [(kind._meta.model_name, kind._meta.verbose_name) for kind in FORMS]
        self.fields["kind"].choices = [("", "全部类型"), *kinds]
        self.is_valid()  # what cannot be chosen is told beside its field, and narrows nothing
        self.chosen_year = self.cleaned_data.get("year") or now

    @property
    def chosen_kinds(self):
        name = self.cleaned_data.get("kind")
        return [kind for kind in FORMS if not name or kind._meta.model_name == name]

    @property
    def conditions(self):
        kind = self.cleaned_data.get("kind")
        return [f"年度：{self.chosen_year}年"] + (
            [f"填报类型：{dict(self.fields['kind'].choices)[kind]}"] if kind else []
        )
