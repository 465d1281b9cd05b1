"""By whom log-ins count, over gRPC and REST, behind a proxy that is trusted and behind one that is not."""

import pytest

from howmuch.storage.database import Database
from tests.rest.serving import serving
from tests.rest.test_lessons_throttle_rest import TOO_OFTEN, WRONG, over_grpc


@pytest.mark.parametrize("way", ["gRPC", "REST"])
@pytest.mark.parametrize("proxies", [("127.0.0.1",), ()], ids=["trusted", "untrusted"])
@pytest.mark.parametrize("limit", ["log_in_by_peer", "log_in_by_account"])
def test_by_whom_log_ins_count(
    sqlite_database: Database, way: str, proxies: tuple[str, ...], limit: str
) -> None:
    """Two tries are free: of two accounts from one address, and of one account from one address.

    Whoever fails from elsewhere does not keep the owner of an account out.
    """
    with serving(
        sqlite_database,
        rate_limits={limit: "2 per hour"},
        http={"trusted_proxies": proxies},
        grpc_settings={"trusted_proxies": proxies},
    ) as (api, rest):

        def log_in(number: int, address: str) -> str:
            email = f"{way}{number}@example.com"
            if way == "gRPC":
                return over_grpc(api, email, address=address)
            answer = rest.post(
                "/v1/sessions",
                {"email": email, "password": "a password"},
                {"x-forwarded-for": address},
            )
            return {401: WRONG, 429: TOO_OFTEN}[answer.status]

        one_account = [log_in(1, f"192.0.2.{number}") for number in range(3)]
        one_address = [log_in(10 + number, "198.51.100.9") for number in range(3)]
    if limit == "log_in_by_account":
        # Without a trusted proxy all come from one address.
        assert one_account == [WRONG, WRONG, WRONG if proxies else TOO_OFTEN]
        assert one_address == [WRONG] * 3
    elif proxies:
        assert one_account == [WRONG] * 3
        assert one_address == [WRONG, WRONG, TOO_OFTEN]
    else:
        # All come from the address of the proxy.
        assert one_account == [WRONG, WRONG, TOO_OFTEN]
        assert one_address == [TOO_OFTEN] * 3
