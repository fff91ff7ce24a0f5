"""The chat page as a citizen meets it, for tests: what one can do on it and what one sees."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

ANSWER_TIMEOUT_MS = 15_000


class ChatPage:
    """One open page; it notes every address asked for and everything the browser complains about."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url
        self.requested: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._note_request)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note_request(self, request: Request) -> None:
        self.requested.append(request.url)

    def _note_console(self, message: ConsoleMessage) -> None:
        # The browser also reports every status of 400 and above; those are the scripted faults themselves.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def open(self) -> ChatPage:
        """Load the page and wait until one can write."""
        self.page.goto(f"{self.base_url}/chat")
        expect(self.box).to_be_enabled()
        return self

    def reload(self) -> None:
        """Load it again, as after a lost tab."""
        self.page.reload()
        expect(self.box).to_be_enabled()

    @property
    def box(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_label("Câu hỏi của bạn")

    @property
    def own(self) -> Locator:
        """The citizen's messages on the screen."""
        return self.page.locator("#log .own")

    @property
    def replies(self) -> Locator:
        """The assistant's messages on the screen."""
        return self.page.locator("#log .reply")

    @property
    def choices(self) -> Locator:
        """Buttons under replies that can be pressed."""
        return self.page.locator("#log .choices button:enabled")

    @property
    def failure(self) -> Locator:
        """What is said under a message that is not sent."""
        return self.page.locator("#log .failure")

    def say(self, text: str) -> None:
        """Type a message and press the send button."""
        self.box.fill(text)
        self.page.get_by_role("button", name="Gửi", exact=True).click()

    def ask(self, text: str) -> None:
        """Say something and wait until the answer stands there."""
        before = self.replies.count()
        self.say(text)
        self.wait_for_answer(before)

    def wait_for_answer(self, before: int) -> None:
        """Wait until there are more than `before` replies and none is being written."""
        expect(self.replies.nth(before)).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        expect(self.page.locator(".typing")).to_be_hidden(timeout=ANSWER_TIMEOUT_MS)

    def transcript(self) -> list[str]:
        """All messages on the screen, in order."""
        return self.page.locator("#log .message .text").all_inner_texts()
