"""The product's addresses, and a page with a form whose answer says what has arrived."""

from django.http import HttpResponse
from django.template import engines
from django.urls import path

from config.urls import urlpatterns as product

FORM = """
{% extends "base.html" %}
{% block content %}
  <form class="card card-body" method="post" enctype="multipart/form-data" data-keep>
    {% csrf_token %}
    <label>正文 <textarea name="text"></textarea></label>
    <label>附件 <input type="file" name="file"></label>
    <button class="btn btn-primary" name="action" value="submit">保存并上报</button>
  </form>
{% endblock %}
"""


def form(request):
    if request.method == "POST":
        file = request.FILES.get("file")
        arrived = [request.user.phone, request.POST["text"], request.POST["action"], file and file.read().decode()]
        return HttpResponse("|".join(map(str, arrived)))
    return HttpResponse(engines["django"].from_string(FORM).render({}, request))


urlpatterns = [*product, path("a-form/", form)]
