"""Query parameters beyond the cases."""

import pytest

from tests.gateway.backend import Backend
from tests.gateway.http_client import send
from tests.gateway.statuses import check_status


@pytest.mark.parametrize("name", ["int32Value", "boolValue"])
def test_null_is_no_value(gateway_port: int, backend: Backend, name: str) -> None:
    """In JSON it means that nothing is set. A parameter without a value is left out instead."""
    backend.answer({})
    check_status(send(gateway_port, "GET", f"/v1/search?{name}=null"), 400, 3)
