"""Wishes about one's own data that are met without a dialogue: by their buttons, or by fixed words.

While a person speaks no message reaches the dialogue, and nobody may be at the desk; a right must not wait for that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.cases.offer import Asking
from bot.core.deciding import ERASING, TAKING_BACK, Meant, is_refused, meant_by
from bot.core.handoffs import after
from bot.core.handoffs import offer as handoffs
from bot.core.handoffs.references import read_reference as read_handoff
from bot.core.handoffs.steps import REGISTERING, TOPIC, Step
from bot.core.programme import Programme
from bot.core.replies import Effect, Press, Reply
from bot.core.reports import offer as reports
from bot.core.reports.rules import read_reference as read_report
from bot.core.rights import offer
from bot.core.rights.references import ALL, reference_in
from bot.core.text import fold

FORGET_REMINDERS = "forget_reminders"
"""A right beside those of `offer`: to be reminded of nothing any more."""

_NOT = r"(?<!khong )(?<!ko )(?<!dung )(?<!chua )(?<!\w)"
_ERASE = re.compile(
    rf"{_NOT}(?<!bi )(?<!da )xoa(?: \w+){{0,3}}"
    r" (?:du lieu|thong tin|lich su|tin nhan|tai khoan|ho so|so dien thoai|sdt)(?!\w)"
)
_ALL_OF_IT = (
    r"rut(?: lai)? (?:tat ca|het|toan bo)(?:(?: di| nhe| luon| giup)*[ .!]*$|(?: cac| moi| su| nhung)* dong y(?!\w))"
)
"""Not whoever says that somebody drew all their money."""
_TAKE_BACK = re.compile(
    rf"{_NOT}(?:rut|thu hoi|huy)(?: lai)?(?: su| viec| cai)? (?:dong y|cho phep|consent)(?!\w)"
    rf"|{_NOT}rut(?: lai)? (?:yeu cau|bao cao|(?:hd|yc|bc)(?= ?-? ?[0-9a-z]{{4}}))"
    rf"|{_NOT}{_ALL_OF_IT}"
)
_EVERYTHING = re.compile(rf"(?<!\w){_ALL_OF_IT}")
_NO_REMINDER = re.compile(
    r"(?<!\w)(?:tat|ngung|huy|bo) (?:loi )?nhac(?: nho| han| gia han)?(?!\w)"
    r"|(?<!\w)(?:dung|khoi|thoi)(?: co)? nhac(?: nho)?(?: (?:toi|tui|em|minh|con|chau|co|chu|bac|anh|chi))?"
    r" (?:nua|gia han|han|ten mien)(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody's own words ask for: the reply, and the right that is used, about which reference; empty: none."""

    reply: Reply
    right: str = ""
    about: str = ""


def pressed(press: Press, programme: Programme) -> Asking | None:
    """Return what follows from a button about one's own data; None for any other."""
    told = dict(press.entities)
    if press.intent == reports.TOPIC and told.get(reports.REPORTING) == reports.WITHDRAW:
        reference = read_report(told.get("reference", ""))
        if reference is None:
            return None
        return Asking(reports.withdrawal(programme, reference), Effect("report.withdraw", {"reference": reference}))
    if press.intent != TOPIC:
        return offer.step(press, programme)
    request = read_handoff(told.get("reference", ""))
    match told.get(REGISTERING):
        case Step.WITHDRAW:
            effect = Effect("handoff.withdraw", {"reference": request or ""})
            return Asking(handoffs.withdrawal(programme, request), effect)
        case Step.FORGET_REMINDER if request is not None:
            return Asking(after.reminder_planned(request), Effect("handoff.forget_reminder", {"reference": request}))
    return None


def said(text: str, programme: Programme) -> Wish | None:
    """Return what words about one's own data ask for; None for any others.

    Erasing is only asked about: its button does it.
    """
    folded = " ".join(fold(text).split())
    if _ERASE.search(folded) and meant_by(text, ERASING) is not Meant.NO:
        return Wish(offer.erasure_question())
    if _TAKE_BACK.search(folded) and not is_refused(text, TAKING_BACK):
        named = reference_in(text) or ""
        about = ALL if _EVERYTHING.search(folded) else "" if named == ALL else named
        return Wish(offer.withdrawing(programme.operator, about).reply, offer.WITHDRAW, about)
    if _NO_REMINDER.search(folded):
        request = read_handoff(reference_in(text) or "") or ""
        return Wish(after.reminder_planned(request), FORGET_REMINDERS, request)
    if offer.asks_what_is_held(text):
        return Wish(offer.telling_held(programme.operator).reply, offer.TELL_HELD)
    return None
