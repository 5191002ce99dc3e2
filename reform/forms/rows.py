"""Rows inside a record's form: indicators, measures, plans, values.

A row says by a hidden `id` which child it is; a row without one is new; a child that no row names is removed.
So the page may add, remove and reorder rows freely and save itself again and again.
"""

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory

MOST_ROWS = 100


class RowForm(forms.ModelForm):
    """One child of the record. `children` maps id → instance of those that the record has."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, children, instance=None, **kwargs):
        super().__init__(*args, instance=instance, **kwargs)
        if self.is_bound:
            self._take(children)

    def _take(self, children):
        posted = self["id"].data
        if posted in (None, ""):
            return
        known = {str(pk): child for pk, child in children.items()}
        if posted in known:
            self.instance = known[posted]
        else:
            self.add_error(None, "这一行已不在本记录中，请刷新页面后重新录入。")

    @property
    def is_blank(self):
        """A row that was added and never filled in."""
        return not self.instance.pk and not any(
            value not in (None, "", False) for name, value in self.cleaned_data.items() if name != "id"
        )


class Rows(BaseFormSet):
    """All rows of one relation, in the order of the page.

    `children` are the instances the record has now. `fixed` rows can neither be added nor removed.
    """

    fixed = False

    def __init__(self, data=None, *, prefix, children, blank=0, form_kwargs=None):
        self.children = list(children)
        self.blank = 0 if self.fixed else blank
        form_kwargs = {"children": {child.pk: child for child in self.children}} | (form_kwargs or {})
        super().__init__(data, prefix=prefix, form_kwargs=form_kwargs, error_class=forms.utils.ErrorList)

    def initial_form_count(self):
        return 0

    def total_form_count(self):
        return super().total_form_count() if self.is_bound else len(self.children) + self.blank

    def get_form_kwargs(self, index):
        kwargs = super().get_form_kwargs(index)
        if not self.is_bound and index is not None and index < len(self.children):
            kwargs["instance"] = self.children[index]
            kwargs["initial"] = {"id": self.children[index].pk}
        return kwargs

    def _construct_form(self, i, **kwargs):
        # Never "empty permitted": a blank row is dropped by us, an existing one that was emptied is kept.
        return super()._construct_form(i, empty_permitted=False, use_required_attribute=False, **kwargs)

    def kept(self):
        """The rows to save, in order."""
        return [form for form in self.forms if not form.is_blank]

    def save(self, **owner):
        """Write rows in their order under `owner` (the foreign key as a keyword), and remove the rest."""
        kept = self.kept()
        if not self.fixed:
            named = {form.instance.pk for form in kept}
            for child in self.children:
                if child.pk not in named:
                    child.delete()
        for position, form in enumerate(kept):
            for name, value in owner.items():
                setattr(form.instance, name, value)
            if hasattr(form.instance, "position"):
                form.instance.position = position
            form.save()

    def ids(self):
        """{name of the hidden field: id} of what was saved, so that the page can name its new rows."""
        return {form.add_prefix("id"): form.instance.pk for form in self.kept()}


def rows_of(form, base=Rows):
    """A class of Rows for this RowForm."""
    return formset_factory(
        form, formset=base, extra=0, max_num=MOST_ROWS, validate_max=True, absolute_max=MOST_ROWS + 1
    )
