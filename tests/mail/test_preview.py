"""`howmuch mail preview`."""

from click.testing import CliRunner

from howmuch.cli import cli
from howmuch.cli.mail import KINDS
from howmuch.mail.render import render
from howmuch.mail.samples import SAMPLES


def preview(*arguments: str) -> tuple[int, str]:
    """The exit code and the output."""
    result = CliRunner().invoke(cli, ["mail", "preview", *arguments])
    return result.exit_code, result.output


def test_command_knows_every_sample() -> None:
    """Its list of kinds, which it has to have before anything is imported, is that of the samples."""
    assert tuple(SAMPLES) == KINDS


def test_preview_prints_subject_and_text_or_html() -> None:
    """What is printed is what would be sent."""
    content = render(SAMPLES["digest"]("fr"))
    assert preview("digest", "--locale", "fr") == (
        0,
        f"Subject: {content.subject}\n\n{content.text}",
    )
    assert preview("digest", "--locale", "fr", "--html") == (0, content.html)


def test_unknown_kind_is_answered_with_the_known() -> None:
    """A usage error lists what there is, and so does the help."""
    code, output = preview("postcard")
    assert code == 2
    _, help_text = preview("--help")
    assert all(kind in output and kind in help_text for kind in KINDS)
