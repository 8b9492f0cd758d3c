"""Template built-ins and the form renderer."""

import re
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template


def render(source: str, **context) -> str:
    return Template(source).render(Context(context))


def test_an_icon_is_decoration_unless_it_has_a_label():
    assert 'aria-hidden="true"' in render('{% icon "phone" %}')
    labelled = render('{% icon "phone" label=label class="x" %}', label="Voice <b>")
    assert 'role="img" aria-label="Voice &lt;b&gt;"' in labelled
    assert 'class="icon x"' in labelled


@pytest.mark.parametrize("name", ["no-such-icon", "../../README", ""])
def test_an_unknown_icon_is_a_fault_of_the_page(name):
    with pytest.raises(KeyError):
        render("{% icon name %}", name=name)


def test_a_flag_has_a_name_and_its_picture_exists():
    assert 'alt="United States"' in render('{% flag "US" %}')
    assert "vendor/flags/us.svg" in render('{% flag "US" %}')
    assert 'alt=""' in render('{% flag "US" alt="" %}')


@pytest.mark.parametrize("code", ["", None, "USA", "u<", "../"])
def test_what_is_no_country_code_has_no_flag(code):
    assert render("{% flag code %}", code=code) == ""


def test_numbers_and_money():
    assert render('{{ "+12125550142"|phone }}') == "+1 212-555-0142"
    assert render('{{ "nonsense"|phone }}') == "nonsense"
    assert render("{{ value|amount }}", value=Decimal("1234.5")) == "1,234.50 USD"
    assert render("{{ value|amount }}", value=None) == ""
    assert render("{{ value|thousands }}", value=1234567) == "1,234,567"


class SampleForm(forms.Form):
    name = forms.CharField(max_length=5, help_text="For your team.")
    kind = forms.ChoiceField(widget=forms.RadioSelect, choices=[("a", "First"), ("b", "Second")])
    country = forms.ChoiceField(choices=[("US", "United States")], required=False)
    agree = forms.BooleanField(label="I agree")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_form_shows_errors_beside_the_field_and_keeps_what_was_typed():
    form = SampleForm({"name": "too long", "token": "t"})
    form.is_valid()
    form.add_error(None, "Something in general.")
    html = render("{{ form }}", form=form)
    assert 'value="too long"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert '<div class="invalid-feedback" id="id_name_error">' in html
    assert '<div class="form-hint" id="id_name_helptext">For your team.</div>' in html
    assert 'class="form-control is-invalid"' in html
    assert "Something in general." in html
    assert html.index("Something in general.") < html.index("id_name")
    assert '<input type="hidden" name="token" value="t"' in html


def test_each_kind_of_field_has_its_control():
    html = render("{{ form }}", form=SampleForm())
    assert html.count('type="radio"') == 2
    assert html.count('class="form-check-input"') == 3
    assert '<select name="country" class="form-select"' in html
    assert "<legend" in html
    assert "is-invalid" not in html


def test_attributes_can_be_added_to_a_control():
    html = render('{% control form.name placeholder="Name" hx_get="/x" class="big" %}', form=SampleForm())
    assert 'placeholder="Name"' in html
    assert 'hx-get="/x"' in html
    assert 'class="form-control big"' in html


@pytest.mark.parametrize(("tags", "colour"), [("success", "success"), ("extra error", "danger"), ("debug", "info")])
def test_the_colour_of_a_message(tags, colour):
    html = render('{% include "components/_toast.html" with text=words %}', tags=tags, words="<i>")
    assert f"portal-toast-{colour}" in html
    assert "&lt;i&gt;" in html


@pytest.mark.parametrize(
    ("tags", "fades"),
    [("success", False), ("info", False), ("warning", False), ("error", False), ("brief success", True)],
)
def test_only_what_the_page_says_too_goes_by_itself(tags, fades):
    html = render('{% include "components/_toast.html" with text=words %}', tags=tags, words="Saved.")
    assert ("data-toast-fades" in html) is fades


def test_a_notification_has_no_live_region_of_its_own():
    """It comes into one, and would be announced twice."""
    html = render('{% include "components/_toast.html" with text=words %}', tags="error", words="No.")
    assert not re.search(r"role=.(alert|status)", html)
