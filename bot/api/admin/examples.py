"""Examples of answers for the description of the API, in letters without accents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CONTENT = {
    "lang": "vi",
    "title": "Ngay hoi chuyen doi so",
    "text": "Moi ba con den nha van hoa luc 8 gio sang thu Bay.",
    "media": [],
}
AUDIENCE = {"areas": ["bac-ninh.tan-an", "bac-ninh.yen-dung"], "channels": ["telegram-group"]}
SCHEDULE = {"not_before": "2026-12-01T01:00:00Z", "not_after": "2026-12-01T11:00:00Z", "repeat": 1}
TIMETABLE = {
    "not_before": "2026-12-01T00:00:00Z",
    "not_after": "2027-03-31T16:59:59Z",
    "times": ["07:30"],
    "weekdays": [1, 4],
    "days_of_month": [],
}
BROADCAST_DRAFT = {
    "content": CONTENT,
    "audience": AUDIENCE,
    "schedule": SCHEDULE,
    "severity": "notice",
    "mode": "live",
}
SERIES_DRAFT = {
    "content": CONTENT,
    "audience": AUDIENCE,
    "timetable": TIMETABLE,
    "severity": "notice",
    "mode": "live",
}
BROADCAST = {
    "id": "bc-1a2b3c4d5e",
    "kind": "broadcasts",
    "version": 1,
    "revision": 2,
    "state": "submitted",
    "drafter": "nv-1a2b3c4d",
    "editors": [],
    **BROADCAST_DRAFT,
    "timetable": None,
    "subject_sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
    "next_fire_at": None,
    "created_at": "2026-11-20T01:00:00Z",
    "changed_at": "2026-11-20T01:04:00Z",
}
SERIES = BROADCAST | {
    "id": "sr-1a2b3c4d5e",
    "kind": "series",
    "state": "scheduled",
    "schedule": None,
    "timetable": TIMETABLE,
    "next_fire_at": "2026-12-03T00:30:00Z",
}
HISTORY = [
    {"version": 1, "state": "draft", "by": "nv-1a2b3c4d", "reason": None, "at": "2026-11-20T01:00:00Z"},
    {"version": 1, "state": "submitted", "by": "nv-1a2b3c4d", "reason": None, "at": "2026-11-20T01:04:00Z"},
]
EDITIONS = [
    {
        "id": "ed-1a2b3c4d5e",
        "version": 1,
        "state": "done",
        "check_code": "CDF-234",
        "check_url": "https://hien-dien.example.vn/kiem-tra/CDF234",
        "fire_at": "2026-12-01T01:00:00Z",
        "not_after": "2026-12-01T11:00:00Z",
        "fired_at": "2026-12-01T01:00:03Z",
        "finished_at": "2026-12-01T01:00:09Z",
        "deliveries": {"sent": 2},
    }
]
FIRES = [
    {
        "fire_at": "2026-12-01T01:00:00Z",
        "outcome": "fired",
        "edition": "ed-1a2b3c4d5e",
        "reason": None,
        "at": "2026-12-01T01:00:03Z",
    }
]
DELIVERY = {
    "id": 4711,
    "edition": "ed-1a2b3c4d5e",
    "destination": "dst-1a2b3c4d5e",
    "area": "bac-ninh.yen-dung",
    "channel": "telegram-group",
    "title": "Nhom xa Yen Dung",
    "state": "unknown",
    "attempt": 1,
    "error": "outcome-unknown",
    "sent_at": None,
}
DESTINATION_DRAFT = {
    "area": "bac-ninh.yen-dung",
    "channel": "telegram-group",
    "address": "-1001234567890",
    "title": "Nhom xa Yen Dung",
    "is_training": False,
}
DESTINATION = {
    "id": "dst-1a2b3c4d5e",
    **DESTINATION_DRAFT,
    "added_by": "nv-1a2b3c4d",
    "added_at": "2026-11-20T01:00:00Z",
    "ended_at": None,
    "unreachable_since": None,
}
AREA = {"code": "bac-ninh.yen-dung", "name": "Yen Dung", "kind": "phuong", "province": "Bac Ninh"}
NOTICE = {
    "id": 17,
    "kind": "broadcast-missed",
    "text": "Ban tin bc-1a2b3c4d5e khong duoc gui.",
    "facts": {"broadcast": "bc-1a2b3c4d5e"},
    "created_at": "2026-12-01T01:10:05Z",
    "read_at": None,
}
PARKED = {
    "reference": "L-4711",
    "channel": "zalo",
    "error": "TemplateBrokenError",
    "says": "Mau cau de tra loi tin nay bi thieu hoac viet sai. Ban nho nguoi quan tri may sua, roi cho thu lai.",
    "received_at": "2026-12-01T01:10:05Z",
    "parked_at": "2026-12-01T01:10:38Z",
    "can_retry": True,
    "retry_of": None,
}
UNDELIVERED = {
    "id": 4712,
    "channel": "zalo",
    "about": "HD-7K2M-XQ9P",
    "state": "failed",
    "error": "silent-too-long",
    "says": "Nguoi nay da im lang qua 7 ngay nen Zalo khong nhan tin gui cho ho. Ban goi dien neu co so.",
    "written_at": "2026-12-01T01:10:05Z",
}


def answered(example: object, *, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of an answer."""
    content: Mapping[str, object] = {"application/json": {"example": example}}
    return {status: {"content": content}}
