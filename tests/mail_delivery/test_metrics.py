"""What Prometheus reads of a worker, and what the commands say of dead letters."""

import re
import urllib.request
from pathlib import Path

import pytest

from tests.cli.program import howmuch, running
from tests.databases import closing_database, new_postgres_url
from tests.mail_delivery.people import made_trip
from tests.mail_delivery.sink import Sink
from tests.ports import free_address
from tests.waiting import until


@pytest.mark.parametrize("broker", ["local", pytest.param("rabbitmq", marks=pytest.mark.slow)])
def test_metrics_and_dead_letters(
    postgres_server_url: str, rabbit_url: str, sink: Sink, tmp_path: Path, broker: str
) -> None:
    """One mail is sent, one refused: both are counted; the refused one can be listed, seen and retried."""
    address = free_address()
    (tmp_path / "howmuch.yaml").write_text(
        f"mail: {{window_seconds: 0.1, smtp: {{host: 127.0.0.1, port: {sink.port}}}}}\n"
    )
    config = ("--config", str(tmp_path / "howmuch.yaml"))
    with new_postgres_url(postgres_server_url) as url:
        rabbit = ("--broker-url", rabbit_url) if broker == "rabbitmq" else ()
        where = (*config, "--database-url", url, *rabbit)
        with closing_database(url) as database:
            trip = made_trip(database, 3)
            refused = trip.others[0].email
            sink.on_recipient = lambda to: "550 unknown" if to == refused else "250 OK"
            trip.spend()

            def command(*arguments: str) -> str:
                done = howmuch("mail", "dead", *arguments, *where)
                assert done.returncode == 0, done.stderr
                return done.stdout

            with running(
                tmp_path / "log", *where, "--metrics-listen", address, command="worker"
            ) as worker:
                assert f"smtp://127.0.0.1:{sink.port}" in worker.output

                def metric(name: str) -> float:
                    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
                        text = answer.read().decode()
                    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
                    return float(found[1]) if found else 0.0

                until(lambda: metric('howmuch_mails_total{result="sent"}') == 1)
                until(lambda: metric('howmuch_mails_total{result="dead"}') == 1)
                queue = "howmuch.email.send"
                until(lambda: metric(f'howmuch_message_dead_letters_total{{queue="{queue}"}}') == 1)
                until(lambda: metric("howmuch_outbox_messages") == 0)
                until(lambda: metric("howmuch_messages_published_total") >= 3)
                assert metric("howmuch_mails_unsent") == 0
                until(lambda: command("list"))
                listed = command("list")
                assert "550 unknown" in listed
                assert "mail.send" in listed
                assert '"delivery_id": "dlv_' in command("show", listed.split()[0])
                sink.on_recipient = lambda _: "250 OK"
                assert command("retry", "all") == "1 queued again\n"
                until(lambda: len(sink.received) == 2)
            missing = howmuch("mail", "dead", "drop", "nothing", *where)
            assert missing.returncode == 1
            assert "there is no dead letter 'nothing'" in missing.stderr
            assert command("list") == ""


def test_a_broker_that_is_away_is_an_error_of_one_line(tmp_path: Path) -> None:
    """It names what does not answer, without the password."""
    url = "amqp://me:secret@127.0.0.1:1/"
    done = howmuch("mail", "dead", "list", "--broker-url", url, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("howmuch: RabbitMQ does not answer")
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr
