"""Zalo's open API as any client calls it, and bodies for it."""

from __future__ import annotations

from typing import Any

import httpx

from tests.zalo.fake_zalo import APP_ID, APP_SECRET


class Api:
    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.access = ""
        self.headers: dict[str, str] = {}

    async def exchange(self, *, secret: str = APP_SECRET, **fields: str) -> dict[str, Any]:
        answer = await self.http.post(
            "/v4/oa/access_token", headers={"secret_key": secret}, data={"app_id": APP_ID} | fields
        )
        told = answer.json()
        self.access = told.get("access_token", self.access)
        return told

    async def post(self, path: str, body: Any = None, **options: Any) -> dict[str, Any]:
        headers = {"access_token": self.access} | self.headers
        answer = await self.http.post(path, headers=headers, json=body, **options)
        assert answer.status_code == 200
        return answer.json()

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        answer = await self.http.get(path, headers={"access_token": self.access}, params=query)
        return answer.json()

    async def say(self, user_id: str, message: dict[str, Any] | str = "chào", **more: Any) -> dict[str, Any]:
        message = {"text": message} if isinstance(message, str) else message
        return await self.post("/v3.0/oa/message/cs", {"recipient": {"user_id": user_id}, "message": message} | more)

    async def say_in(self, group_id: str, message: dict[str, Any] | str = "chào") -> dict[str, Any]:
        message = {"text": message} if isinstance(message, str) else message
        return await self.post("/v3.0/oa/group/message", {"recipient": {"group_id": group_id}, "message": message})

    async def upload(self, kind: str, content: bytes) -> dict[str, Any]:
        return await self.post(f"/v2.0/oa/upload/{kind}", files={"file": ("tep", content)})


def with_buttons(*buttons: dict[str, Any], **payload: Any) -> dict[str, Any]:
    return {
        "text": "Chọn",
        "attachment": {"type": "template", "payload": {"buttons": list(buttons), **payload}},
    }


def button(title: str = "1. Phí", **members: Any) -> dict[str, Any]:
    return {"title": title, "type": "oa.query.hide", "payload": "#vn:a1"} | members


def media(**element: Any) -> dict[str, Any]:
    payload = {"template_type": "media", "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}
