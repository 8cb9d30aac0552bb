"""One page between a bulk action and its doing: what is meant, and for which rows."""

from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest
from django.template.response import TemplateResponse

from apps.core.admin.base import ServiceAdmin


class Question:
    """A bulk action's question; `ask` gives the valid form once it is answered, else the page."""

    def __init__(
        self, *, title: str, button: str, text: str = "", form_class: type[Form] = Form
    ) -> None:
        self.title = title
        self.button = button
        self.text = text
        self.form_class = form_class

    def ask(
        self, admin: ServiceAdmin, request: HttpRequest, rows: "QuerySet[Any]"
    ) -> Form | TemplateResponse:
        is_answer = "confirmed" in request.POST
        form = self.form_class(request.POST if is_answer else None)
        if is_answer and form.is_valid():
            return form
        context = {
            **admin.admin_site.each_context(request),
            "title": self.title,
            "opts": admin.opts,
            "question": self,
            "form": form,
            "rows": rows,
            "action": request.POST["action"],
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "list_url": admin.list_url(),
            "media": admin.media + form.media,
        }
        return TemplateResponse(request, "admin/desk/confirm.html", context)
