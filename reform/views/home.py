"""工作台: what waits for this person, what they have in hand, and what came back."""

from django.shortcuts import render


def home(request):
    return render(request, "reform/home.html")
