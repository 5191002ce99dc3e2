"""What the edit pages of all kinds share."""

from importlib import import_module

from django import forms


class RecordForm(forms.ModelForm):
    """The whole edit page of one kind: the record's own fields, and rows of children.

    It checks that what was typed can be kept (保存为草稿 takes the incomplete); what 上报 needs is the record's
    own `problems()`. It never touches the state. Subclasses with rows set `self.rows` = {name: Rows}.
    """

    template = ""  # the part of the page between its head and its action bar; "" means all fields in order

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, instance, blank=""):
        super().__init__(data, instance=instance, use_required_attribute=False)
        self.initial["version"] = instance.version
        self.blank = blank  # the rows to which the page asked for one more, by name
        self.rows = {}

    def all_forms(self):
        """This form and the form of every row."""
        return [self, *(form for rows in self.rows.values() for form in rows.forms)]

    def is_valid(self):
        # No short cut: every part says all that is wrong with it.
        return all([super().is_valid(), *(rows.is_valid() for rows in self.rows.values())])

    def save(self):
        """Writes the content; the record must be locked (`workflow.actions.claim`)."""
        self.instance.version += 1
        record = super().save()
        self.save_rows(record)
        return record

    def save_rows(self, record):
        """Overridden by kinds with rows."""

    def ids(self):
        """Ids of the saved rows by the name of their hidden field."""
        return {name: pk for rows in self.rows.values() for name, pk in rows.ids().items()}

    def show(self, problems):
        """Put the problems of a refused 上报 next to their fields."""
        owners = {form.add_prefix(name): (form, name) for form in self.all_forms() for name in form.fields}
        for problem in problems:
            if problem.field in owners:
                form, name = owners[problem.field]
                if not form.is_bound:
                    form.errors  # noqa: B018 -- an unbound form makes its error list on first sight
                    form.cleaned_data = {}
                form.add_error(name, problem.text)


def form_class(record):
    """The form of a record's kind: the one RecordForm in the module of forms that is named like its module of models."""
    noun = type(record).__module__.rpartition(".")[2]
    module = import_module(f"reform.forms.{noun}")
    return next(
        member
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, RecordForm) and member._meta.model is type(record)
    )
