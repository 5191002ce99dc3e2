"""Form fields of the domain."""

from django import forms

from reform.calendar import MONTHS

UNKNOWN = "“%(value)s”不在可选的单位中，请从项目的责任单位、配合单位中选择。"


class LeadField(forms.TypedChoiceField):
    """牵头单位 of a measure: one of the project's departments, of which the responsible one is nobody's choice."""

    def __init__(self, **kwargs):
        super().__init__(label="牵头单位", required=False, empty_value=None, **kwargs)
        self.error_messages["invalid_choice"] = UNKNOWN

    def of_project(self, departments, chosen=None):
        """`chosen` stays on offer when it has left the project: 上报 asks for another one."""
        responsible, *partners = departments
        known = [*partners, *({chosen} - {None, *partners})]
        self.coerce = _choice_of(known)
        self.choices = [("", f"{responsible}（责任单位）"), *((department.pk, department.name) for department in known)]


class PartnersField(forms.TypedMultipleChoiceField):
    """配合单位 of a measure: any of the project's departments but the one that leads it."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        super().__init__(label="配合单位", required=False, empty_value=None, **kwargs)
        self.error_messages["invalid_choice"] = UNKNOWN

    def to_python(self, value):
        return [choice for choice in super().to_python(value) if choice]

    @classmethod
    def put_into(cls, form, departments, chosen):
        """Into a form, where there is a choice: `chosen` stay on offer like a lead."""
        if len(departments) == 1 and not chosen:
            del form.fields["partners"]
            return
        known = [*departments, *(department for department in chosen if department not in departments)]
        field = form.fields["partners"]
        field.coerce = _choice_of(known)
        field.choices = [(department.pk, department.name) for department in known]
        form.initial["partners"] = [department.pk for department in chosen]

    @staticmethod
    def save(form, known):
        """Set what was chosen, where that is not what was `known`; returns whether it was written."""
        if "partners" not in form.fields or set(form.cleaned_data["partners"] or ()) == set(known):
            return False
        form.instance.partners.set(form.cleaned_data["partners"] or ())
        return True


def _choice_of(departments):
    """What turns the choice that a page sent into its department."""
    by_key = {str(department.pk): department for department in departments}

    def department(value):
        if found := by_key.get(str(value)):
            return found
        raise ValueError(value)  # a field turns it into its own sentence

    return department


class MonthField(forms.TypedChoiceField):
    """计划月度: one of the twelve months of the map's year."""

    def __init__(self, **kwargs):
        kwargs = {"required": False, "coerce": int, "empty_value": None} | kwargs
        super().__init__(choices=[("", "请选择")], **kwargs)
        self.error_messages["invalid_choice"] = "“%(value)s”不在可选的月份中，请选择 1 月至 12 月。"

    def of_year(self, year, months=MONTHS):
        self.choices = [("", "请选择"), *((month, f"{year}年{month}月") for month in months)]


class WholeChoice(forms.TypedChoiceField):
    """A choice among whole numbers, of which one stands for nothing chosen."""

    def __init__(self, nothing, **kwargs):
        super().__init__(**{"required": False, "coerce": int, "empty_value": nothing} | kwargs)
