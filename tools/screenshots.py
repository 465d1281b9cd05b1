"""Make the images of the README again: Swagger UI, the terminal, a mail. Needs Chromium and chromedriver.

Everything in them is the program's own output; look at them before they are committed.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
WAIT_SECONDS = 60.0
OPERATION = "#operations-ExpenseService-ExpenseService_CreateExpense"
MAIL = "expense-changed"
TERMINAL_LINES, TERMINAL_COLUMNS = 23, 68
HOWMUCH = (sys.executable, "-m", "howmuch")


def main() -> None:
    """Writes the three images."""
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as name, server(Path(name)) as (grpc, rest):
        with browser(1200, 900) as window:
            swagger_ui(window, rest)
        with browser(660, 900) as window:
            page(window, Path(name, "mail.html"), howmuch("mail", "preview", MAIL, "--html"))
            window.find_element(By.TAG_NAME, "body").screenshot(str(IMAGES / "mail.png"))
        with browser(900, 700) as window:
            page(window, Path(name, "terminal.html"), terminal(howmuch("demo", "--server", grpc)))
            window.find_element(By.TAG_NAME, "svg").screenshot(str(IMAGES / "terminal.png"))


@contextmanager
def server(directory: Path) -> Iterator[tuple[str, str]]:
    """`howmuch run` with an empty database; its addresses of gRPC and REST."""
    command = [*HOWMUCH, "run", f"--data-dir={directory / 'data'}"]
    command += ["--grpc-listen=127.0.0.1:0", "--http-listen=127.0.0.1:0", "--log-level=error"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if "stop:" in line:  # The last line, once it is ready.
                    break
            yield address("gRPC", said), address("REST", said)
        finally:
            process.terminate()


def address(what: str, said: str) -> str:
    """The address that `howmuch run` prints after a word."""
    found = re.search(rf"{what}\s+(\S+)", said)
    assert found is not None, said
    return found[1]


def howmuch(*arguments: str) -> str:
    """Output of a command for a terminal with colours."""
    in_colours = os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(TERMINAL_COLUMNS)}
    done = subprocess.run(
        [*HOWMUCH, *arguments], env=in_colours, check=True, capture_output=True, text=True
    )
    return done.stdout


@contextmanager
def browser(width: int, height: int) -> Iterator[webdriver.Chrome]:
    """A window of Chromium of this size, in pixels."""
    options = webdriver.ChromeOptions()
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "hide-scrollbars"):
        options.add_argument(f"--{argument}")
    driver = shutil.which("chromedriver")
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        # The size of the page within a window depends on the window.
        window.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        yield window
    finally:
        window.quit()


def page(window: webdriver.Chrome, file: Path, html: str) -> None:
    """Shows HTML."""
    file.write_text(html)
    window.get(file.as_uri())


def swagger_ui(window: webdriver.Chrome, rest: str) -> None:
    """The list of operations, with one of them open."""
    window.get(f"{rest}/docs")
    wait = WebDriverWait(window, WAIT_SECONDS)
    block = wait.until(lambda found: found.find_element(By.CSS_SELECTOR, OPERATION))
    opener = block.find_element(By.CSS_SELECTOR, ".opblock-summary-control")
    window.execute_script("arguments[0].click()", opener)
    wait.until(lambda _: block.find_element(By.CSS_SELECTOR, "textarea"))
    above = "window.scrollBy(0, arguments[0].getBoundingClientRect().top - 190)"
    window.execute_script(above, block)
    window.save_screenshot(str(IMAGES / "swagger-ui.png"))


def terminal(output: str) -> str:
    """The first lines of an output, in a terminal, as HTML."""
    lines = output.splitlines()[:TERMINAL_LINES]
    with Path(os.devnull).open("w") as nowhere:
        console = Console(
            record=True,
            width=TERMINAL_COLUMNS,
            file=nowhere,
            force_terminal=True,
            legacy_windows=False,
        )
        console.print(Text.assemble(("$ ", "bold green"), "howmuch demo"))
        console.print(Text.from_ansi("\n".join(lines)))
        drawing = console.export_svg(title="howmuch demo", theme=MONOKAI)
    # The font of rich is fetched from another host; every machine has one of its own.
    drawing = re.sub(r"@font-face \{.*?\}", "", drawing, flags=re.DOTALL)
    return f"<body style='margin: 0; width: 860px'>{drawing}</body>"


if __name__ == "__main__":
    main()
