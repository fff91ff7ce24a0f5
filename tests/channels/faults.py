"""What can be let happen from the page, by name: once to the next calls, as long as it is switched on, or now."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from tests.channels.room import PEOPLE, Room
from tests.channels.talks import DeedError, Json
from tests.telegram.fake_faults import Fault as TelegramFault
from tests.telegram.fake_faults import Slow
from tests.telegram.fake_people import NotPossibleError, Person
from tests.telegram.fake_wire import flood
from tests.zalo.fake_people import FakePerson
from tests.zalo.fake_wire import CODES
from tests.zalo.fake_zalo import Fault as ZaloFault

SLOW_SECONDS = 3.0
FLOOD_SECONDS = 5
OLD = timedelta(hours=25)
MOST_TIMES = 20
ONE = PEOPLE[0]
SENDING = ("/message/cs", "/group/message")


@dataclass(frozen=True)
class Next:
    """Befalls the next calls that send something."""

    title: str
    telegram: TelegramFault | None = None
    zalo: ZaloFault | None = None

    def happen(self, room: Room, times: int) -> None:
        """Let it befall so many calls."""
        if self.telegram is not None:
            room.telegram.fails("sendMessage", *[self.telegram] * times)
        if self.zalo is not None:
            room.zalo.let(SENDING, *[self.zalo] * times)


@dataclass(frozen=True)
class Switch:
    """Lasts until it is switched off."""

    title: str
    is_on: Callable[[Room], bool]
    turn: Callable[..., object]


@dataclass(frozen=True)
class Now:
    """Happens once, at once."""

    title: str
    happen: Callable[[Room], object]


Thing: TypeAlias = Next | Switch | Now


def _turn_block(room: Room, *, on: bool) -> None:
    person = room.telegram_people[ONE]
    person.blocks() if on else person.unblocks()


def _turn_kick(room: Room, *, on: bool) -> None:
    person, group = room.telegram_people[ONE], room.telegram_group
    group = group.upgraded_to or group
    person.kicks_bot_from(group) if on else person.adds_bot_to(group)


def _is_kicked(room: Room) -> bool:
    return (room.telegram_group.upgraded_to or room.telegram_group).bot_is == "kicked"


def _turn_old(room: Room, *, on: bool) -> None:
    people: list[Person | FakePerson] = [*room.telegram_people.values(), *room.zalo_people.values()]
    for person in people:
        person.lag = OLD if on else timedelta()


def _turn_follow(room: Room, *, on: bool) -> None:
    person = room.zalo_people[ONE]
    person.follows() if on else person.leaves()


def _is_webhook_off(room: Room) -> bool:
    return bool(room.zalo.webhook.url) and not room.zalo.webhook.is_on


def _turn_webhook(room: Room, *, on: bool) -> None:
    room.zalo.webhook.switch_off() if on else room.zalo.webhook.switch_on()


def _turn_signature(room: Room, *, on: bool) -> None:
    room.zalo.webhook.how = "wrong" if on else "right"


def _turn_zalo_group(room: Room, *, on: bool) -> None:
    room.zalo_group.group_is = "disabled" if on else "open"


def _upgrade(room: Room) -> None:
    room.telegram_people[ONE].upgrades(room.telegram_group)


def _end_access(room: Room) -> None:
    room.zalo.tokens.access = secrets.token_hex(8)


def _end_permission(room: Room) -> None:
    _end_access(room)
    room.zalo.tokens.refresh = secrets.token_hex(8)


def _repeat(room: Room) -> None:
    if room.last_event is None:
        raise DeedError("Chưa có sự kiện Zalo nào để gửi lại.")
    room.zalo.webhook.add(room.last_event)


THINGS: Mapping[str, Thing] = {
    "telegram.flood": Next(f"Quá tải 429 (chờ {FLOOD_SECONDS} giây)", telegram=flood(FLOOD_SECONDS)),
    "telegram.error": Next("Lỗi máy chủ 500", telegram=500),
    "telegram.cut_before": Next("Cắt kết nối trước khi nhận tin", telegram="dropped"),
    "telegram.cut_after": Next("Cắt kết nối sau khi nhận tin", telegram="answer_lost"),
    "telegram.slow": Next("Chậm 3 giây", telegram=Slow(SLOW_SECONDS)),
    "telegram.blocked": Switch(
        f"{ONE} chặn bot", lambda room: room.telegram_people[ONE].chat.bot_is == "blocked", _turn_block
    ),
    "telegram.kicked": Switch("Đuổi bot khỏi nhóm", _is_kicked, _turn_kick),
    "telegram.upgraded": Now("Nâng nhóm thành siêu nhóm", _upgrade),
    "zalo.flood": Next("Quá tải -32", zalo=-32),
    "zalo.error": Next("Lỗi máy chủ 500", zalo="http_500"),
    "zalo.unauthorised": Next("HTTP 401", zalo="http_401"),
    "zalo.cut_before": Next("Cắt kết nối trước khi nhận tin", zalo="dropped"),
    "zalo.cut_after": Next("Cắt kết nối sau khi nhận tin", zalo="answer_lost"),
    "zalo.slow": Next("Chậm 3 giây", zalo=Slow(SLOW_SECONDS)),
    "zalo.token": Now("Đổi token (access token hết giá trị)", _end_access),
    "zalo.permission": Now("Mất quyền (cả hai token)", _end_permission),
    "zalo.silent_3_days": Now(f"{ONE} đã im lặng 3 ngày", lambda room: room.zalo_people[ONE].was_silent_for(days=3)),
    "zalo.silent_8_days": Now(f"{ONE} đã im lặng 8 ngày", lambda room: room.zalo_people[ONE].was_silent_for(days=8)),
    "zalo.follows": Switch(
        f"{ONE} quan tâm OA", lambda room: room.zalo_people[ONE].user_id in room.zalo.followers, _turn_follow
    ),
    "zalo.withdraws": Now(f"{ONE} rút đồng ý", lambda room: room.zalo_people[ONE].withdraws()),
    "zalo.webhook_off": Switch("Tắt webhook", _is_webhook_off, _turn_webhook),
    "zalo.wrong_signature": Switch("Ký sai", lambda room: room.zalo.webhook.how == "wrong", _turn_signature),
    "zalo.again": Now("Gửi lặp sự kiện cuối", _repeat),
    "zalo.group_closed": Switch("Đóng nhóm", lambda room: room.zalo_group.group_is != "open", _turn_zalo_group),
    "both.old": Switch("Mất 24 giờ (tin mang giờ hôm qua)", lambda room: bool(room.zalo_people[ONE].lag), _turn_old),
}


def let_happen(room: Room, name: str, *, times: int = 1, on: bool | None = None, code: int = 0) -> None:
    """Let something happen.

    Args:
        room: where.
        name: a key of `THINGS`, or ``zalo.code`` with any code of Zalo's table.
        times: how many calls it befalls, where it befalls calls.
        on: whether to switch it on; without, the other way than it is.
        code: Zalo's error code.

    Raises:
        DeedError: there is no such thing, or it cannot happen now.
    """
    if not 1 <= times <= MOST_TIMES:
        raise DeedError(f"Số lần phải từ 1 đến {MOST_TIMES}.")
    if name == "zalo.code":
        if code not in CODES:
            raise DeedError("Mã lỗi này không có trong bảng của Zalo.")
        room.zalo.let(SENDING, *[code] * times)
        return
    thing = THINGS.get(name)
    try:
        match thing:
            case Next():
                thing.happen(room, times)
            case Switch():
                thing.turn(room, on=not thing.is_on(room) if on is None else on)
            case Now():
                thing.happen(room)
            case None:
                raise DeedError("Không có sự cố tên đó.")
    except NotPossibleError as error:
        raise DeedError("Việc này không làm được lúc này.") from error


def stop_all(room: Room) -> None:
    """Let nothing befall the next calls any more; what is switched on stays so."""
    room.telegram.fails_no_more()
    room.zalo.faults.clear()


def look(room: Room) -> Json:
    """Return what can happen, and what does."""
    waiting = room.telegram.scripted + len(room.zalo.faults)
    told = [
        {
            "name": name,
            "title": thing.title,
            "kind": type(thing).__name__.lower(),
            "on": isinstance(thing, Switch) and thing.is_on(room),
        }
        for name, thing in THINGS.items()
    ]
    return {"things": told, "waiting": waiting, "codes": {str(code): text for code, text in CODES.items()}}
