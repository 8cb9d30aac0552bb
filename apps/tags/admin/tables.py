"""The tree as a CSV file, out of the admin and back: what would happen is shown first, refusals by
row.
"""

import base64
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from import_export.admin import ImportExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV
from import_export.resources import Resource
from import_export.results import Error, Result, RowResult
from import_export.tmp_storages import BaseStorage
from tablib import Dataset
from unfold.contrib.import_export.forms import ImportForm

from apps.core.admin.base import ServiceAdmin
from apps.tags.models import Tag
from apps.tags.selectors import tree_entries
from apps.tags.services import ImportedTags, import_tags
from apps.tags.tag_file import FILE_SIZE_AT_MOST
from apps.tags.tag_table import COLUMNS, Table, read_rows, rows_of, wrong_columns
from apps.tags.tree import tree_lock

# Between the look at a file and its import.
UPLOAD_LIFETIME_S = 3600
_SALT = "tags.upload"
_CHANGE = "change"


class SignedUpload(BaseStorage):
    """Keeps an uploaded file in the page that asks whether to import it, signed against changes:
    no file lies about on one of several machines.
    """

    def save(self, data: bytes) -> None:
        self.name = signing.dumps(base64.b64encode(data).decode(), salt=_SALT, compress=True)

    def read(self) -> str:
        text: str = signing.loads(self.name, salt=_SALT, max_age=UPLOAD_LIFETIME_S)
        return base64.b64decode(text).decode(self.encoding)

    def remove(self) -> None:
        """Nothing is kept anywhere."""


class TagUploadForm(ImportForm):
    """A file of a size that a tree has."""

    def clean_import_file(self) -> Any:
        upload = self.cleaned_data["import_file"]
        if upload.size > FILE_SIZE_AT_MOST:
            raise forms.ValidationError(
                f"The file is larger than {FILE_SIZE_AT_MOST // 1024} KiB.", code="max_size"
            )
        return upload


class TagTable(Resource):
    """The rows of the tree; read and written by tags.services alone, all or nothing."""

    name = Field()
    type = Field()
    parent = Field()
    slug = Field()
    aliases = Field()
    description = Field()
    featured = Field()

    @classmethod
    def get_display_name(cls) -> str:
        """What import_export calls it."""
        return "Tags"

    def export(self, queryset: Any = None, **options: Any) -> Dataset:
        """The whole tree, whatever the list was searched for."""
        return Dataset(*rows_of(tree_entries()), headers=COLUMNS)

    def import_data(self, dataset: Dataset, dry_run: bool = False, **options: Any) -> Result:
        """What the import did, or would do."""
        result = Result()
        result.diff_headers = [*COLUMNS, _CHANGE]
        result.total_rows = len(dataset)
        complaint = wrong_columns(dataset.headers or [])
        if complaint:
            result.append_base_error(Error(complaint))
            return result
        table = read_rows(dataset.dict)
        with tree_lock():
            report = import_tags(table.entries)
            if dry_run or table.refusals:
                transaction.set_rollback(True)
        _tell(result, dataset, table, report)
        return result


class TagTableAdmin(ImportExportMixin, ServiceAdmin):
    """Import and export above the tree."""

    formats = [CSV]
    resource_classes = [TagTable]
    import_form_class = TagUploadForm
    # There is nothing to choose.
    skip_export_form = True
    tmp_storage_class = SignedUpload
    to_encoding = "utf-8-sig"
    # Every tag's own history tells it better.
    skip_admin_log = True

    def has_import_permission(self, request: HttpRequest) -> bool:
        return all(request.user.has_perm(f"tags.{verb}_tag") for verb in ("add", "change"))

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "view") or self.may(request, "change")

    def get_export_queryset(self, request: HttpRequest) -> "QuerySet[Tag]":
        rows: QuerySet[Tag] = Tag.objects.all()
        return rows

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Import what was looked at; another curator may have made that impossible meanwhile."""
        try:
            response: HttpResponse = super().process_import(request, **kwargs)
        except signing.BadSignature:
            self.message_user(request, "Choose the file again.", messages.ERROR)
            return HttpResponseRedirect(f"{self.list_url()}import/")
        return response

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        refusals = [
            f"Row {row.number}: {' '.join(row.error.messages)}" for row in result.invalid_rows
        ]
        refusals += [str(error.error) for error in result.base_errors]
        if refusals:
            for words in refusals[:20]:
                self.message_user(request, words, messages.ERROR)
            return HttpResponseRedirect(f"{self.list_url()}import/")
        response: HttpResponse = super().process_result(result, request)
        return response


def _tell(result: Result, dataset: Dataset, table: Table, report: ImportedTags) -> None:
    """Put a report into the form in which import_export's pages show it."""
    refused: dict[int, list[str]] = {}
    for line, words in [*table.refusals, *report.refusals]:
        refused.setdefault(line, []).append(words)
    for line, row in enumerate(dataset.dict, 2):
        if line in refused:
            result.append_invalid_row(line, row, ValidationError(refused[line]))
            continue
        told = RowResult()
        told.import_type = _kind(line, report)
        words = report.added.get(line) or report.changed.get(line, "")
        told.diff = [*(row.get(column, "") for column in COLUMNS), words]
        result.append_row_result(told)
        result.increment_row_result_total(told)


def _kind(line: int, report: ImportedTags) -> str:
    if line in report.added:
        return str(RowResult.IMPORT_TYPE_NEW)
    return str(
        RowResult.IMPORT_TYPE_UPDATE if line in report.changed else RowResult.IMPORT_TYPE_SKIP
    )
