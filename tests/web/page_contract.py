"""What every page must be, in both languages. ``check_page`` names each fault in one line; no faults: an empty list."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree.ElementTree import Element

import html5lib

from app.engine.definition.common import Language
from tests.web import page_words

HANDLER = re.compile(r"^on[a-z]+$")
FIELDS = {"input", "select", "textarea"}
UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}
LANDMARKS = ("header", "main", "footer")


def check_page(html: str, *, language: str, url: str) -> list[str]:
    """The faults of one whole page at ``url``, read by somebody whose language is ``language``."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root: Element = parser.parse(html)
    speak: Language = "ja" if language == "ja" else "en"
    faults = [f"html: {code} {values or ''} at {place}".rstrip() for place, code, values in parser.errors]
    for node in page_words.elements(root):
        node.tag = node.tag.rpartition("}")[2]  # pictures inside the page have a namespace of their own
    parents = {child: parent for parent in root.iter() for child in parent}
    for check in (_head, _outline, _ids, _fields, _names, _tables, _policy):
        faults += check(root, parents)
    if root.get("lang") != language:
        faults.append(f"language: html lang is {root.get('lang')!r}, not {language!r}")
    faults += page_words.check_words(root, speak)
    return [f"{url}: {fault}" for fault in faults]


Parents = dict[Element, Element]


def text_of(node: Element) -> str:
    """The text of an element, spaces folded."""
    return " ".join("".join(node.itertext()).split())


def _tags(root: Element, *names: str) -> list[Element]:
    return [node for node in page_words.elements(root) if node.tag in names]


def _head(root: Element, _parents: Parents) -> list[str]:
    titles = [text_of(node) for node in root.findall("head/title")]
    if len(titles) != 1:
        return [f"title: {len(titles)} titles"]
    page, _, site = titles[0].rpartition(" – ")
    return [] if page.strip() and site.strip() else [f"title: {titles[0]!r} is not 'page – site'"]


def _outline(root: Element, _parents: Parents) -> list[str]:
    faults = []
    headings = [node for node in root.iter() if re.fullmatch(r"h[1-6]", str(node.tag))]
    ones = [node for node in headings if node.tag == "h1"]
    if len(ones) != 1:
        faults.append(f"outline: {len(ones)} h1")
    faults += [f"outline: empty {node.tag}" for node in headings if not text_of(node)]
    level = 0
    for node in headings:
        depth = int(str(node.tag)[1])
        if depth > level + 1:
            faults.append(f"outline: h{depth} {text_of(node)!r} follows h{level}")
        level = depth
    body = root.find("body")
    for name in LANDMARKS:
        count = len(_tags(root, name)) if name == "main" else len(body.findall(name) if body is not None else [])
        if count != 1:
            faults.append(f"landmark: {count} {name}")
    navigations = [node.get("aria-label") for node in _tags(root, "nav")]
    faults += [f"landmark: two nav named {name!r}" for name, n in Counter(navigations).items() if n > 1]
    faults += ["landmark: nav without a name" for name in navigations if not name]
    skip = next((a for a in _tags(root, "a")), None)
    if skip is None or not (skip.get("href") or "").startswith("#"):
        faults.append("landmark: the first link does not skip to the content")
    return faults


def _ids(root: Element, _parents: Parents) -> list[str]:
    ids = [node.get("id") for node in root.iter() if node.get("id") is not None]
    faults = [f"id: {name!r} is used {n} times" for name, n in Counter(ids).items() if n > 1]
    for node in root.iter():
        for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            wanted = (node.get(attribute) or "").split()
            faults += [f"id: {attribute}={name!r} leads nowhere" for name in wanted if name not in ids]
        href = node.get("href") or ""
        if node.tag == "a" and len(href) > 1 and href.startswith("#") and href[1:] not in ids:
            faults.append(f"id: link {href!r} leads nowhere")
    return faults


def _fields(root: Element, parents: Parents) -> list[str]:
    labelled = {node.get("for") for node in _tags(root, "label") if text_of(node)}
    faults = []
    for node in _tags(root, *FIELDS):
        if node.tag == "input" and node.get("type") in UNLABELLED_TYPES:
            continue
        name = node.get("name") or node.get("id") or "?"
        if not (node.get("id") in labelled or node.get("aria-label") or node.get("aria-labelledby")):
            parent = parents.get(node)
            if parent is None or parent.tag != "label":
                faults.append(f"field: {name!r} has no label")
        if node.get("aria-invalid") and not node.get("aria-describedby"):
            faults.append(f"field: {name!r} is wrong but does not say why")
    forms = [form for form in _tags(root, "form") if (form.get("method") or "get").lower() == "post"]
    faults += [f"field: the form to {form.get('action')!r} has no csrf_token" for form in forms if not _guarded(form)]
    return faults


def _guarded(form: Element) -> bool:
    return any(node.get("name") == "csrf_token" and node.get("value") for node in form.iter("input"))


def _names(root: Element, _parents: Parents) -> list[str]:
    faults = []
    for node in _tags(root, "a", "button", "summary"):
        pictures = [image.get("alt") or "" for image in node.iter("img")]
        titles = [text_of(t) for t in node.iter("title")]
        if not (text_of(node) or node.get("aria-label") or "".join(pictures + titles)):
            faults.append(f"name: empty {node.tag} {node.get('href') or ''}".rstrip())
    faults += [f"name: link {text_of(node)!r} leads nowhere" for node in _tags(root, "a") if not node.get("href")]
    faults += [f"name: image {node.get('src')!r} without alt" for node in _tags(root, "img") if node.get("alt") is None]
    for node in _tags(root, "svg"):
        own = [part for part in _tags(node, "title") if part.get("id") == node.get("aria-labelledby")]
        named = node.get("aria-label") or any(part.get("id") and text_of(part) for part in own)
        if node.get("aria-hidden") != "true" and not (node.get("role") in ("img", "group") and named):
            hidden = any(part.get("aria-hidden") == "true" and node in part.iter() for part in root.iter())
            faults += [] if hidden else ["name: svg without a name"]
    return faults


def _tables(root: Element, _parents: Parents) -> list[str]:
    faults = []
    for table in _tags(root, "table"):
        heads = list(table.iter("th"))
        if not heads:
            faults.append("table: no th")
        faults += [f"table: th {text_of(th)!r} without scope" for th in heads if th.get("scope") not in ("col", "row")]
    return faults


def _policy(root: Element, _parents: Parents) -> list[str]:
    """What the content policy of the program forbids."""
    faults = []
    for node in page_words.elements(root):
        if node.tag == "style" or node.get("style") is not None:
            faults.append(f"policy: inline style at {node.tag}")
        if node.tag == "script" and not (node.get("nonce") and node.get("src") and not text_of(node)):
            faults.append("policy: script inline or without nonce")
        faults += [f"policy: {name} at {node.tag}" for name in node.attrib if HANDLER.match(str(name))]
        for name in ("href", "action", "src"):
            if (node.get(name) or "").strip().lower().startswith("javascript:"):
                faults.append(f"policy: script address at {node.tag}")
    return faults
