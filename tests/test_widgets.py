"""Fields as they are drawn without templates: what people typed is text, and errors and help stand with their field."""

import pytest
from django import forms
from django.utils.safestring import SafeString

TYPED = "<b>\"'&</b>"
ESCAPED = "&lt;b&gt;&quot;&#x27;&amp;&lt;/b&gt;"


def drawn(field, *, value="", data=None, **attributes):
    class Form(forms.Form):
        it = field

    for name, attribute in attributes.items():
        setattr(Form.base_fields["it"], name, attribute)
    return Form(data, initial={"it": value})["it"].as_field_group()


@pytest.mark.parametrize(
    "field",
    [
        forms.CharField(),
        forms.CharField(widget=forms.Textarea),
        forms.CharField(widget=forms.HiddenInput),
        forms.ChoiceField(choices=[(TYPED, "一")]),
        forms.ChoiceField(choices=[("1", TYPED)]),
        forms.ChoiceField(choices=[(TYPED, [("1", "一")])]),
        forms.MultipleChoiceField(choices=[("1", TYPED)], widget=forms.CheckboxSelectMultiple),
        forms.CharField(label=TYPED),
        forms.BooleanField(label=TYPED),
        forms.CharField(widget=forms.TextInput(attrs={"placeholder": TYPED})),
    ],
)
def test_whatever_it_says_is_text(field):
    page = drawn(field, value=TYPED)
    assert TYPED not in page
    assert ESCAPED in page
    assert "&amp;lt;" not in page


def test_what_the_program_marked_stands_as_it_is():
    assert "<i>一</i></option>" in drawn(forms.ChoiceField(choices=[("1", SafeString("<i>一</i>"))]))


def test_the_chosen_are_chosen():
    choices = [("1", "一"), ("2", "二")]
    assert '<option value="2" selected>二</option>' in drawn(forms.ChoiceField(choices=choices), value="2")
    ticks = drawn(forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple), value=["2"])
    assert 'value="2" class="form-check-input" id="id_it_1" checked><span>二</span></label>' in ticks
    assert ticks.count(" checked") == 1


@pytest.mark.parametrize(
    ("number", "label", "classes"),
    [
        (6, "市教委", "choices"),
        (7, "市教委", "choices is-many"),
        (7, "韩诗涵（市规划自然资源局）", "choices is-many is-long"),
        (7, "职业教育产教融合改革（配合，市教委牵头负责）", "choices is-many is-wide"),
    ],
)
def test_many_choices_stand_in_columns_as_wide_as_the_longest(number, label, classes):
    choices = [(key, label if key == 3 else "乙") for key in range(number)]
    field = forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple)
    assert f'<div class="{classes}" id="id_it" tabindex="-1">' in drawn(field)


@pytest.mark.parametrize(
    "field", [forms.CharField(), forms.BooleanField(), forms.ChoiceField(widget=forms.RadioSelect)]
)
def test_an_error_stands_with_its_field(field):
    page = drawn(field, data={}, error_messages={"required": "请填写。"})
    assert " has-errors" in page
    assert '<ul class="errorlist" id="id_it_error"><li>请填写。</li></ul>' in page
    assert "errorlist" not in drawn(field)


def test_what_a_report_needs_is_marked_and_helped_with():
    page = drawn(forms.CharField(required=False, help_text="不超过 <b>20</b> 字"), is_must=True)
    assert "（必填）" in page
    assert '<div class="help" id="id_it_helptext">不超过 <b>20</b> 字</div>' in page
    assert 'aria-describedby="id_it_helptext"' in page
    assert "（必填）" not in drawn(forms.CharField(required=False))
