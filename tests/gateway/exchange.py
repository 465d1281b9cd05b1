"""One case, once through an engine."""

from tests.gateway.backend import Backend
from tests.gateway.cases import Case
from tests.gateway.http_client import send
from tests.gateway.outcomes import Exchange


def exchange(case: Case, port: int, backend: Backend) -> Exchange:
    """Sends the request of a case to an engine on 127.0.0.1 in front of this backend."""
    backend.answer(case.backend)
    request = case.request
    reply = send(port, request["method"], case.target, request.get("headers"), case.body)
    return Exchange(case, reply, backend.calls())
