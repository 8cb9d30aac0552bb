"""Views that misbehave on command, beside the real API."""

from django.db import DataError, OperationalError, connection
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_protect
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.core import errors
from apps.core.endpoints import Endpoint
from apps.core.fields import FlagField, LineField, LocalTimeField, TextField, WholeNumberField
from apps.core.serializers import InputSerializer
from config.urls import api
from config.urls import urlpatterns as site


class Probe(Endpoint):
    permission_classes = (AllowAny,)


class Fault(Probe):
    def get(self, request: Request) -> Response:
        raise KeyError("secret of apps/core/views.py in SELECT password FROM accounts_user")


class Gone(Probe):
    def get(self, request: Request) -> Response:
        raise OperationalError("server closed the connection unexpectedly at 10.0.0.7")


class Refused(Probe):
    def get(self, request: Request) -> Response:
        raise DataError("integer out of range: SELECT …")


class Missing(Probe):
    def get(self, request: Request) -> Response:
        User.objects.get(pk=0)
        return Response()


class Raising(Probe):
    raised = {
        "conflict": errors.ConflictError("It is taken.", code="taken"),
        "not-found": errors.NotFoundError("No such thing."),
        "field": errors.InvalidInputError("Too long.", code="max_length", field="name"),
        "token": errors.InvalidInputError("It is used up.", code="invalid_token"),
        "who": errors.AuthenticationError("Say who you are.", code="sign_in_failed"),
        "forbidden": errors.ForbiddenError("Not you."),
        "often": errors.RateLimitedError("Too often.", retry_after_s=17),
        "transient": errors.TransientError("provider says 502"),
    }

    def get(self, request: Request, kind: str) -> Response:
        raise self.raised[kind]


class Nested(InputSerializer):
    name = TextField()


class EchoInput(InputSerializer):
    text = TextField(required=False, allow_blank=True)
    line = LineField(max_length=20, required=False)
    flag = FlagField(required=False)
    number = WholeNumberField(required=False, min_value=0)
    time = LocalTimeField(required=False)
    nested = Nested(many=True, required=False)


class Echo(Probe):
    query_parameters = {"get": ("q",)}

    def get(self, request: Request) -> Response:
        return Response({"q": request.query_params.get("q")})

    def post(self, request: Request) -> Response:
        return Response(self.read_input(EchoInput), status=201)


class Query(Probe):
    def get(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return Response({"answer": cursor.fetchone()[0]})


@csrf_protect
def form(request: object) -> HttpResponse:
    return HttpResponse("posted")


probes = [
    path("probe/fault/", Fault.as_view()),
    path("probe/gone/", Gone.as_view()),
    path("probe/refused/", Refused.as_view()),
    path("probe/missing/", Missing.as_view()),
    path("probe/raise/<str:kind>/", Raising.as_view()),
    path("probe/echo/", Echo.as_view()),
    path("probe/query/", Query.as_view()),
    path("probe/form/", form),
]
urlpatterns = [
    path("api/", include(([*probes, *api], "api"))),
    path("form/", form),
    *site,
]
