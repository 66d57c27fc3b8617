"""SVG as a tree of elements: no text of a user can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pipec.pictures.style import style_sheet

NAMESPACE = "http://www.w3.org/2000/svg"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """The text without the characters that XML cannot hold, each replaced by U+FFFD."""
    return _NOT_IN_XML.sub("\ufffd", text)


def number(value: float) -> str:
    """A coordinate to a tenth of a pixel."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def shape(parent: Element, tag: str, name: str = "", /, **attributes: str | float) -> Element:
    """A new element: `name` is its class; numbers become coordinates, `_` in attribute names `-`."""
    element = SubElement(parent, tag)
    if name:
        element.set("class", name)
    for key, value in attributes.items():
        element.set(key.replace("_", "-"), value if isinstance(value, str) else number(value))
    return element


def words(parent: Element, name: str, x: float, y: float, text: str) -> Element:
    """A text whose base line begins at x, y."""
    element = shape(parent, "text", name, x=x, y=y)
    element.text = text
    return element


def titled(parent: Element, text: str) -> None:
    """What a browser shows of an element to who points at it, and a screen reader reads."""
    shape(parent, "title").text = text


def picture(name: str, width: float, height: float, title: str, description: str) -> Element:
    """An empty picture. `name` makes the ids in it unique in a page."""
    attributes = {
        "xmlns": NAMESPACE,
        "class": "picture",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-description",
        "width": number(width),
        "height": number(height),
        "viewBox": f"0 0 {number(width)} {number(height)}",
    }
    root = Element("svg", attributes)
    for tag, text in (("title", title), ("desc", description)):
        shape(root, tag, id=f"{name}-{'title' if tag == 'title' else 'description'}").text = text
    return root


def styled(root: Element, width: float, height: float) -> None:
    """Makes a picture that stands on its own: with its style, and paper behind it."""
    style = Element("style")
    style.text = "\n" + style_sheet()
    paper = Element("rect", {"class": "paper", "width": number(width), "height": number(height)})
    root.insert(2, style)
    root.insert(3, paper)


def written(root: Element) -> str:
    """The markup, a line an element, ending in a newline; without what XML cannot hold."""
    for element in root.iter():
        element.text = clean(element.text) if element.text else None
        for key, value in element.items():
            element.set(key, clean(value))
    indent(root, " ")
    return tostring(root, encoding="unicode") + "\n"


def path_of(points: Iterable[tuple[float, float]]) -> str:
    """A line through points as the data of a path."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
