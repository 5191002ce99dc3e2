"""What somebody types into the box of 检索."""

from django import forms

from .sources import SOURCES
from .words import LONGEST_QUERY, MOST_WORDS


class SearchForm(forms.Form):
    q = forms.CharField(
        label="检索词",
        required=False,
        max_length=LONGEST_QUERY,
        error_messages={
            "max_length": f"检索词共不超过 {LONGEST_QUERY} 字，请只输入关键的词。",
            "null_characters_not_allowed": "检索词中有不能识别的字符，请重新输入。",
        },
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label="类别", required=False, choices=[("", "全部"), *((source.key, source.label) for source in SOURCES)]
    )

    def clean_q(self):
        """The words, each once."""
        words = list(dict.fromkeys(self.cleaned_data["q"].split()))
        if len(words) > MOST_WORDS:
            raise forms.ValidationError(f"检索词不超过 {MOST_WORDS} 个，请减少后再检索。")
        return words
