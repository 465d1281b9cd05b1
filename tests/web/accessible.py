"""What axe finds on a page, and what it does not look for: targets for thumbs, pages that scroll sideways."""

import functools
from typing import Any

from playwright.sync_api import Page

from tests.web.node_packages import file_of

WCAG_2_2_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
TARGET_PIXELS = 44
# Colours of a half-faded text are nobody's choice. What turns for ever is not waited for.
SETTLE = """() => Promise.allSettled(document.getAnimations()
    .filter((each) => each.effect?.getComputedTiming().endTime !== Infinity)
    .map((each) => each.finished))"""
RUN = """(tags) => axe.run(document, {
    runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'],
    rules: {'target-size': {enabled: true}}})"""
# A link within a sentence is as high as its line, which WCAG allows.
# What a thumb hits may be larger than the box.
SMALL = """(least) => {
    const around = [[-1, 0], [1, 0], [0, -1], [0, 1]].map((way) => way.map((each) => each * (least / 2 - 1)));
    const hits = (target) => {
        target.scrollIntoView({block: 'center'});
        const {x, y, width, height} = target.getBoundingClientRect();
        return around.every(([right, down]) => target.contains(
            document.elementFromPoint(x + width / 2 + right, y + height / 2 + down)));
    };
    return [...document.querySelectorAll(
        'a[href], button, input, select, textarea, summary, [role=button], [role=tab], [role=radio]')]
        .filter((each) => each.checkVisibility({opacityProperty: true, visibilityProperty: true}))
        .filter((each) => !(each.matches('a') && getComputedStyle(each).display === 'inline'))
        .map((each) => ({each, target: each.closest('label') ?? each}))
        .map(({each, target}) => ({each, target, box: target.getBoundingClientRect()}))
        .filter(({box}) => box.width > 1 && box.height > 1 && Math.min(box.width, box.height) < least - 0.5)
        .filter(({target}) => !hits(target))
        .map(({each, box}) => `${box.width | 0} x ${box.height | 0}: ${each.outerHTML.slice(0, 120)}`);
}"""
WIDE = """() => [...document.body.querySelectorAll('*')]
    .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .map((each) => each.outerHTML.slice(0, 120))"""


def accessible(page: Page) -> None:
    """Axe finds nothing that breaks WCAG 2.2 AA."""
    found = violations(page)
    assert not found, f"{page.url}\n" + "\n".join(found)


def violations(page: Page) -> list[str]:
    """Each with the rule, what to do, and the elements."""
    page.evaluate(SETTLE)
    page.evaluate(_axe())
    result = page.evaluate(RUN, WCAG_2_2_AA)
    return [_text(each) for each in result["violations"]]


def roomy(page: Page) -> None:
    """A thumb hits every target: it is at least 44 px wide and high."""
    small = page.evaluate(SMALL, TARGET_PIXELS)
    assert not small, f"{page.url}: smaller than {TARGET_PIXELS} px\n" + "\n".join(small)


def fits(page: Page) -> None:
    """The page does not scroll sideways."""
    wide, there = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= there, f"{page.url}: {wide} px in {there}\n" + "\n".join(page.evaluate(WIDE))


@functools.cache
def _axe() -> str:
    return file_of("axe-core/axe.min.js").read_text()


def _text(violation: dict[str, Any]) -> str:
    """rule: help (address), and a line for each element with the reason."""
    lines = [f"{violation['id']}: {violation['help']} ({violation['helpUrl']})"]
    for node in violation["nodes"]:
        reason = node["failureSummary"].replace("\n", " ")
        lines.append(f"  {' '.join(map(str, node['target']))}: {node['html'][:200]}\n    {reason}")
    return "\n".join(lines)
