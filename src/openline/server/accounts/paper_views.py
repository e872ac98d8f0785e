"""Pages of paper codes: print the sheet, come in with a code, review who did."""

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from openline.server.accounts import paper
from openline.server.accounts.models import PAPER_SESSION, Act, PaperCode
from openline.server.accounts.roles import needs
from openline.server.accounts.second_factor import sure
from openline.server.errors import page


class ComeIn(forms.Form):
    """Who has a code."""

    name = forms.CharField(max_length=60, label="Your name", help_text="It stands on everything you do.")
    code = forms.CharField(
        max_length=40,
        label="A code of the sheet that is not crossed out",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "03-ABCD-EFGH-JKMN"}
        ),
        help_text="Capitals and dashes do not matter.",
    )


@login_not_required
@never_cache
@sensitive_post_parameters("code")
def come_in(request: HttpRequest) -> HttpResponse:
    """Let somebody in with a paper code."""
    form = ComeIn(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/paper_code.html", {"form": form}, status=400 if form.is_bound else 200)
    try:
        paper.come_in(request, form.cleaned_data["name"], form.cleaned_data["code"])
    except paper.TooManyTries as error:
        return page(request, 429, "Too many wrong codes", str(error))
    except paper.WrongCode as error:
        form.add_error("code", str(error))
        return render(request, "accounts/paper_code.html", {"form": form}, status=400)
    return redirect("centre:home")


@needs("manage_accounts")
@never_cache
@sure
def sheet(request: HttpRequest) -> HttpResponse:
    """Show how many codes are left and who used one; print a new sheet."""
    if request.method == "POST":
        if settings.DEMO:
            return page(request, 409, "The demo has no paper codes", "Start the server without --demo to print some.")
        made, codes = paper.print_sheet(request)
        shown = {"sheet": made, "codes": codes, "url": settings.PUBLIC_URL or request.build_absolute_uri("/")}
        return render(request, "accounts/paper_sheet.html", {**shown, "hours": PAPER_SESSION.seconds // 3600})
    found = paper.sheet_in_force()
    left = found.codes.filter(used_at=None).count() if found else 0
    uses = PaperCode.objects.exclude(used_at=None).select_related("sheet").order_by("-used_at")[:50]
    return render(request, "accounts/paper_codes.html", {"sheet": found, "left": left, "uses": uses})


@needs("manage_accounts")
@require_POST
@sure
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take the sheet back."""
    paper.withdraw(request)
    return redirect("accounts:paper_codes")


@needs("manage_accounts")
@require_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a use was looked at."""
    paper.review(request, _used(pk))
    return redirect("accounts:paper_codes")


@needs("manage_accounts")
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a session that was begun with a code."""
    paper.end(request, _used(pk))
    return redirect("accounts:paper_codes")


@needs("manage_accounts")
def what_was_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was done with a code."""
    code = _used(pk)
    acts = Act.objects.filter(account__is_emergency=True, at__gte=code.used_at, who__startswith=code.used_by)[:500]
    return render(request, "accounts/paper_use.html", {"code": code, "acts": acts})


def _used(pk: int) -> PaperCode:
    found = PaperCode.objects.filter(pk=pk).exclude(used_at=None).first()
    if found is None:
        raise Http404
    return found
