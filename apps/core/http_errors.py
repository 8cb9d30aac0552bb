"""Errors of HTTP itself, raised by the layers around a view.

What services raise is in core.errors.
"""

from rest_framework import exceptions


class PreconditionFailed(exceptions.APIException):
    """`If-Match` does not name the present representation."""

    status_code = 412


class PayloadTooLarge(exceptions.APIException):
    """The body is larger than we read."""

    status_code = 413


class NotReady(exceptions.APIException):
    """This process cannot serve yet; `detail` says why."""

    status_code = 503


class MalformedRequest(exceptions.APIException):
    """Not readable at all; `detail` says where it broke."""

    status_code = 400
