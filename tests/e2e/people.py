"""A browser as a person uses it, and the mailbox that the local mail catcher keeps."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page

from tests.web.page_contract import check_page

PATIENCE = 60  # seconds that a mail or a bundle may take on a busy machine


class Person:
    """Somebody at a browser of their own; every page they see is inspected."""

    def __init__(self, browser: Browser, site: str, language: str) -> None:
        self.site, self.language = site, language
        context = browser.new_context(
            locale="ja-JP" if language == "ja" else "en-GB", viewport={"width": 1280, "height": 900}
        )
        self.page: Page = context.new_page()
        self._faults: list[str] = []
        self.page.on("pageerror", lambda error: self._faults.append(str(error)))
        self.page.on("console", lambda message: self._console(message.type, message.text))

    def go(self, path: str, *, status: int = 200) -> str:
        """Open a page; returns what it says."""
        answer = self.page.goto(path if path.startswith("http") else self.site + path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        return self.read()

    def read(self) -> str:
        """What the page says; it must hold the page contract."""
        problems = check_page(self.page.content(), language=self.language, url=self.page.url)  # type: ignore[arg-type]
        problems = [problem for problem in problems if "nonce" not in problem]  # a browser hides the nonce
        assert not problems + self._faults, f"{self.page.url}:\n" + "\n".join(problems + self._faults)
        return self.page.inner_text("main")

    def sign_in(self, email: str, password: str) -> None:
        """Sign in and choose this person's language."""
        self.go("/sign-in")
        self.fill(email=email, password=password)
        with self.page.expect_navigation():
            self.page.locator("main form button[type=submit]").click()
        if self.page.get_attribute("html", "lang") != self.language:  # the page speaks as the account remembers
            with self.page.expect_navigation():
                self.page.click(f"button[lang={self.language}]")
        self.read()

    def fill(self, **fields: str) -> None:
        """Type into fields, choose from lists, tick boxes, by their names."""
        for name, value in fields.items():
            field = self.page.locator(f"main [name={name}]:visible").first
            kind = field.evaluate("e => e.tagName + ':' + e.type")
            if kind.startswith("SELECT"):
                field.select_option(value)
            elif kind.endswith(":radio"):
                self.page.locator(f"main [name={name}][value='{value}']").check()
            elif kind.endswith(":checkbox"):
                field.set_checked(value == "yes")
            else:
                field.fill(value)

    def press(self, selector: str = "main form button[type=submit]") -> str:
        """Press a button; returns what the next page says."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        return self.read()

    def follow(self, part_of_address: str) -> str:
        """Follow the first link whose address contains this."""
        with self.page.expect_navigation():
            self.page.locator(f"main a[href*='{part_of_address}']").first.click()
        return self.read()

    @property
    def path(self) -> str:
        """Where this person is."""
        return self.page.url.removeprefix(self.site)

    def _console(self, kind: str, text: str) -> None:
        if kind == "error" and "404" not in text:  # a page that is not found is told by its status
            self._faults.append(text)


class Mailbox:
    """The mails that arrived by SMTP, newest last."""

    def __init__(self, address: str) -> None:
        self._address = address

    def all(self, to: str) -> list[dict[str, Any]]:
        """Every mail to one person."""
        with urllib.request.urlopen(f"{self._address}/messages", timeout=20) as answer:
            mails: list[dict[str, Any]] = json.load(answer)
        return [mail for mail in mails if to in mail["to"]]

    def wait(self, to: str, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """The first mail to ``to`` that is wanted; waits for it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            for mail in self.all(to):
                if wanted(mail):
                    return mail
            assert time.monotonic() < deadline, f"no mail to {to}: {what}; has {[m['subject'] for m in self.all(to)]}"
            time.sleep(0.3)


def link_in(mail: dict[str, Any]) -> str:
    """The first address in a mail."""
    found = re.search(r"https?://\S+", mail["text"])
    assert found, mail["text"]
    return found[0]


def japanese(day: str) -> str:
    """2027-02-17 as pages in Japanese print it, without the weekday."""
    date = dt.date.fromisoformat(day)
    return f"{date.year}年{date.month}月{date.day}日"


def english(day: str) -> str:
    """2027-02-17 as pages in English print it, without the weekday."""
    date = dt.date.fromisoformat(day)
    return f"{date.day} {date:%b %Y}"
