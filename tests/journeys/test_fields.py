"""Errors beside fields go as soon as the field is corrected, in every form that has any."""

import re

import pytest
from playwright.sync_api import expect

from tests.leases.data import buy
from tests.support.inventory import make_number
from tests.support.regulations import make_document_type

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WRONG = ":is(input, select, textarea).is-invalid:not([type=hidden])"
# What describes a field must be there, and no error may be left in it.
UNTIDY = """() => [...document.querySelectorAll("[aria-describedby]")].filter((each) =>
  each.getAttribute("aria-describedby").split(" ").some((id) => {
    const box = document.getElementById(id);
    return !box || (box.matches(".invalid-feedback") && !box.textContent.trim() && !("kept" in box.dataset));
  })).map((each) => each.outerHTML)"""


def correct(control):
    """Types or chooses something; whether it is right only the server knows."""
    if control.evaluate("each => each.matches('select')"):
        control.select_option(index=1)
    elif control.evaluate("each => each.type === 'checkbox'"):
        control.check()
    elif control.evaluate("each => each.type === 'file'"):
        control.set_input_files({"name": "bill.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    else:
        control.press_sequentially("1")


def corrects_all(page, least=1):
    """From a form that was refused: the first field at fault has the focus, and each one corrected is right again."""
    expect(page.locator("main .invalid-feedback:visible").first).to_be_visible()
    names = [each.get_attribute("id") for each in page.locator(f"main {WRONG}").all()]
    assert len(names) >= least, names
    expect(page.locator(f"[id='{names[0]}']")).to_have_js_property("disabled", False)
    for number, name in enumerate(names):
        control = page.locator(f"[id='{name}']")
        expect(control).to_have_attribute("aria-invalid", "true")
        correct(control)
        expect(control).not_to_have_class(re.compile("is-invalid"))
        expect(control).not_to_have_attribute("aria-invalid", "true")
        if number + 1 < len(names):
            assert page.evaluate(UNTIDY) == []
    expect(page.locator("main .invalid-feedback:visible")).to_have_count(0)
    expect(page.locator("main form .alert-danger")).to_have_count(0)
    assert page.evaluate(UNTIDY) == []


def send(page, name):
    page.watch.allow("422")
    form = page.locator("main form:not([role=search])")
    (page.get_by_role("button", name=name, exact=True) if name else form.locator("[type=submit]")).first.click()


@pytest.mark.parametrize(
    ("path", "button", "least"),
    [("/accounts/login/", "Sign in", 2), ("/accounts/password/reset/", None, 1), ("/accounts/signup/", "Sign up", 4)],
)
def test_on_the_way_in(page, path, button, least):
    page.goto(path)
    send(page, button)
    corrects_all(page, least)


def test_words_above_a_form_go_with_the_next_try(page):
    page.goto("/accounts/login/")
    page.watch.allow("422")
    page.locator("[name=login]").fill("nobody@customer.example")
    page.locator("[name=password]").fill("wrong horse battery 12")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("main form .alert-danger")).to_be_visible()
    page.locator("[name=password]").press_sequentially("right")
    expect(page.locator("main form .alert-danger")).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "button"),
    [
        ("/projects/new/", "Create project"),
        ("settings/", "Save name"),
        ("settings/", "Archive project"),
        ("credits/", None),
        ("numbers/documents/upload/", "Upload"),
    ],
)
def test_in_a_project(project, signed_in_page, gateway, path, button):
    make_document_type("bill", name="Utility bill")
    page = signed_in_page(project.created_by)
    page.goto(path if path.startswith("/") else f"/projects/{project.pid}/{path}")
    if button == "Save name":
        page.get_by_label("Project name").fill("")
    send(page, button)
    corrects_all(page)


def test_in_the_panel_of_a_number_and_in_its_tags(project, signed_in_page):
    lease = buy(project, "+12125550100")
    page = signed_in_page(project.created_by)
    page.goto(f"/projects/{project.pid}/numbers/purchased/{lease.pk}/")
    page.get_by_role("radio", name="PSTN").check()
    page.get_by_role("combobox", name="Country code").fill("UK")
    page.keyboard.press("Enter")
    page.locator(".routing-option-pstn [name=pstn_number]").fill("12")
    send(page, "Set Number")
    expect(page.locator(".routing-option-pstn [name=pstn_number]")).to_be_focused()
    expect(page.locator(".routing-option-pstn .invalid-feedback")).to_be_visible()
    page.get_by_role("combobox", name="Country code").fill("USA")
    page.keyboard.press("Enter")  # the country may be what was wrong
    expect(page.locator(".routing-option-pstn .invalid-feedback")).to_have_count(0)
    expect(page.locator(".routing-option-pstn [name=pstn_number]")).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("textbox", name="Tags").fill("x" * 90)
    send(page, "Save tags")
    corrects_all(page)


def test_a_choice_of_several(project, signed_in_page):
    """Radio buttons are at fault together, and right again together."""
    lease = buy(project, "+12125550100")
    page = signed_in_page(project.created_by)
    page.goto(f"/projects/{project.pid}/numbers/purchased/{lease.pk}/release/")
    page.locator("[name=when]").first.evaluate("each => each.value = 'never'")
    page.locator("[name=when]").first.check()
    send(page, "Release")
    expect(page.get_by_text("Choose when the number is released.")).to_be_visible()
    page.get_by_label("At once").check()
    expect(page.get_by_text("Choose when the number is released.")).to_have_count(0)
    corrects_all(page)


def test_in_the_search(project, signed_in_page):
    make_number("+12125550100")
    page = signed_in_page(project.created_by)
    page.watch.allow("422")
    page.goto(f"/projects/{project.pid}/numbers/buy/?country=US&pattern=12%25")
    field = page.get_by_label("Digits or letters")
    expect(page.locator("#error-pattern")).not_to_be_empty()
    held = []
    page.route("**/numbers/buy/results/**", lambda route: held.append(route))
    field.fill("12")
    expect(page.locator("#error-pattern")).to_be_empty()
    expect(field).not_to_have_class(re.compile("is-invalid"))
    expect(field).not_to_have_attribute("aria-invalid", "true")
