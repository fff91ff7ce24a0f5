"""People's rights, over the web chat: what is held is told, a consent is taken back, all of it is erased for good."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, select

from bot.assembly import create_people_jobs
from bot.core.cases import offer as person
from bot.core.citizens.models import citizens
from bot.core.consents.models import consents
from bot.core.conversations.models import conversations
from bot.core.db import Database, metadata, sqlite_file
from bot.core.deliveries.models import deliveries
from bot.core.inbox.models import inbox
from bot.core.ports import DialogueState, TurnResult
from bot.core.replies import Effect, Reply
from bot.core.reports import service as reports
from bot.core.rights import backups, offer
from bot.core.rights.models import erasures
from scheduler import jobs
from tests.fakes import greeting
from tests.gateway.talking import ME, MESSAGES, body, say
from tests.traces import files_below, wrapped_keys

WORDS = "ong Sau Ba o ap Tan My doi toi 300 nghin"
REPORT = Effect("report.submit", {"reference": "BC-7K2MX", "words": WORDS})
GUIDE = Effect(
    "guide.keep", {"guide": "sign-token", "step": "2", "place": "sign-token:2", "language": "vi", "counts": ""}
)


class Citizen:
    """Somebody of whom there is something of every kind."""

    def __init__(self, product, client):
        self.product, self.client, self.token = product, client, {}

    async def say(self, text="xin chào", **fields):
        answer = await say(self.client, text, **self.token, **fields)
        self.token = self.token or {"conversation_token": answer["conversation_token"]}
        return answer

    async def has(self, effect, reply=None, state=None):
        """Have an effect done for them; give the text of the reply."""
        reply = reply or Reply("greet", "greet")
        self.product.assistant.answer = lambda request: TurnResult(
            (reply,), state or DialogueState(), "greet", 1.0, effect
        )
        answer = await self.say("ừ")
        self.product.assistant.answer = greeting
        return answer["replies"][0]["text"]

    async def does(self, asking):
        return await self.has(asking.effect, asking.reply)

    async def has_something_of_everything(self):
        await self.say("tên miền biz.vn giá bao nhiêu")
        await self.has(REPORT)
        await self.has(GUIDE)
        opening = person.opening(self.product.runtime.programme, share=True, why="asked")
        await self.does(opening)
        await self.say("tôi ở ấp Tân Mỹ")
        await self.client.post(
            MESSAGES,
            json=body(payload=self.payload("request_human?deciding=leave"), **self.token),
        )
        await self.has(None, state=DialogueState("eligibility_form", {"age": 55}))

    def payload(self, press):
        return self.product.runtime.vault.mark_press(f"web:{ME}", press)

    async def erase(self):
        return await self.does(offer.erasing(self.product.runtime.programme.operator))

    async def id(self):
        async with self.product.runtime.database.reading() as connection:
            query = select(conversations.c.citizen_id).where(conversations.c.external_id == ME)
            return (await connection.execute(query)).scalar_one()


async def count(database, table, *conditions):
    async with database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(table).where(*conditions))).scalar_one()


def directory_of(product) -> Path:
    return sqlite_file(product.runtime.database.url).parent


def opened(product, citizen_id, *more):
    """Give where the running system's keys still open that citizen's."""
    return [
        place for place, _ in wrapped_keys(files_below(directory_of(product), *more), product.runtime.vault, citizen_id)
    ]


async def test_an_erasure_leaves_no_byte_that_the_running_system_could_open(product):
    async with product.working(), product.client() as client:
        citizen = Citizen(product, client)
        await citizen.has_something_of_everything()
        before = await citizen.id()
        assert opened(product, before)  # the search finds what is there
        text = await citizen.erase()
        assert "XD-" in text
        assert await citizen.id() != before
        # The product still runs: log, journal and all are as they are.
        assert opened(product, before) == []
        backup = directory_of(product) / "backup.sqlite3"
        with closing(sqlite3.connect(sqlite_file(product.runtime.database.url))) as connection:
            connection.execute("VACUUM INTO ?", (str(backup),))
        assert opened(product, before) == []
    assert await count(product.runtime.database, erasures, erasures.c.cleaned_at.is_not(None)) == 1


async def test_nothing_of_the_erased_is_left_in_any_table_but_the_proof(product):
    async with product.working(), product.client() as client:
        citizen = Citizen(product, client)
        await citizen.has_something_of_everything()
        before = await citizen.id()
        await citizen.erase()
    left = {}
    for table in metadata.sorted_tables:
        if "citizen_id" in table.c:
            left[table.name] = await count(product.runtime.database, table, table.c.citizen_id == before)
    assert left.pop(consents.name) == 1  # purpose, wording and moments: no reference, and a person without a key
    assert set(left.values()) == {0}, left
    database = product.runtime.database
    assert await count(database, citizens, citizens.c.id == before, citizens.c.wrapped_key.is_not(None)) == 0
    assert await count(database, consents, consents.c.about != "") == 0
    # In the conversation: the receipt, and the update that asked for it.
    assert await count(database, deliveries) == 1
    assert await count(database, inbox) == 1


async def test_the_citizen_goes_on_as_somebody_new_and_is_forgotten_a_day_later_if_silent(product):
    async with product.working(), product.client() as client:
        citizen = Citizen(product, client)
        await citizen.has_something_of_everything()
        await citizen.erase()
        held = await citizen.does(offer.telling_held(product.runtime.programme.operator))
        assert "BC-7K2MX" not in held
        assert "YC-" not in held
        assert "không đang đồng ý" in held
        await citizen.erase()
    product.clock.advance(hours=23)
    await jobs.forget_idle_conversations(product.runtime.database, product.clock)
    assert await count(product.runtime.database, conversations) == 1
    product.clock.advance(hours=1)
    await jobs.forget_idle_conversations(product.runtime.database, product.clock)
    assert await count(product.runtime.database, conversations) == 0


async def test_who_writes_again_after_an_erasure_is_kept_as_others_are(product):
    async with product.working(), product.client() as client:
        citizen = Citizen(product, client)
        await citizen.say()
        await citizen.erase()
        await citizen.say("còn đó không")
    product.clock.advance(hours=25)
    await jobs.forget_idle_conversations(product.runtime.database, product.clock)
    assert await count(product.runtime.database, conversations) == 1


async def test_what_was_sent_after_the_wish_is_answered_all_the_same(product):
    started, go_on = asyncio.Event(), asyncio.Event()
    erasing = offer.erasing(product.runtime.programme.operator)

    async def slowly(request):
        if request.text != "xóa đi":
            return greeting(request)
        started.set()
        await go_on.wait()
        return TurnResult((erasing.reply,), DialogueState(), "affirm", 1.0, erasing.effect)

    async with product.working(), product.client() as client:
        citizen = Citizen(product, client)
        await citizen.say()
        product.assistant.answer = slowly
        wish = asyncio.create_task(citizen.say("xóa đi"))
        await started.wait()
        after = asyncio.create_task(citizen.say("còn ai không"))
        while await count(product.runtime.database, inbox) < 3:
            await asyncio.sleep(0)
        go_on.set()
        assert "XD-" in (await wish)["replies"][0]["text"]
        assert (await after)["replies"][0]["topic"] == "greet"


async def test_a_reader_in_the_way_delays_the_cleaning_and_the_clock_does_it_later(product):
    file = sqlite_file(product.runtime.database.url)
    async with product.working(), product.client() as client:
        citizen = Citizen(product, client)
        await citizen.has_something_of_everything()
        before = await citizen.id()
        with closing(sqlite3.connect(file, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM citizens").fetchone()
            await citizen.erase()
            assert opened(product, before)
            assert await count(product.runtime.database, erasures, erasures.c.cleaned_at.is_(None)) == 1
        await create_people_jobs(product.runtime).keep_erasures(product.runtime.database, product.clock)
        assert opened(product, before) == []
        assert await count(product.runtime.database, erasures, erasures.c.cleaned_at.is_(None)) == 0


async def test_restoring_an_older_backup_brings_nobody_back(product, tmp_path):
    file = sqlite_file(product.runtime.database.url)
    old = tmp_path / "old.sqlite3"
    people = create_people_jobs(product.runtime)
    async with product.working(), product.client() as client:
        citizen = Citizen(product, client)
        await citizen.has_something_of_everything()
        before = await citizen.id()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("VACUUM INTO ?", (str(old),))
        await citizen.erase()
    await people.keep_erasures(product.runtime.database, product.clock)
    await product.runtime.database.close()
    for leftover in file.parent.glob(f"{file.name}*"):
        leftover.unlink()
    shutil.move(old, file)
    assert opened(product, before)
    restored = Database(product.runtime.database.url)
    await people.keep_erasures(restored, product.clock)
    await restored.close()
    assert opened(product, before) == []
    assert len(backups.read_list(people.erasure_list)) == 1


async def test_the_list_of_erasures_tells_nothing_about_anybody(product):
    async with product.working(), product.client() as client:
        citizen = Citizen(product, client)
        await citizen.has_something_of_everything()
        before = await citizen.id()
        await citizen.erase()
    people = create_people_jobs(product.runtime)
    await people.keep_erasures(product.runtime.database, product.clock)
    told = people.erasure_list.read_text("utf-8")
    assert before not in told
    assert product.runtime.vault.audit_digest(before) in told


async def test_what_is_held_is_told_in_plain_words(product):
    async with product.working(), product.client() as client:
        citizen = Citizen(product, client)
        await citizen.has_something_of_everything()
        told = await citizen.does(offer.telling_held(product.runtime.programme.operator))
    for words in (
        "câu mình đã trả lời",
        "BC-7K2MX báo lừa đảo",
        "gặp người thật",
        "Bước của bài hướng dẫn",
    ):
        assert words in told
    assert WORDS not in told


async def withdrawing(citizen, about):
    return await citizen.does(offer.withdrawing(citizen.product.runtime.programme.operator, about))


async def test_one_consent_is_taken_back_by_its_reference_and_the_others_stand(product):
    async with product.working(), product.client() as client:
        citizen = Citizen(product, client)
        await citizen.has_something_of_everything()
        asked = await withdrawing(citizen, "")
        assert "nhắn mã" in asked
        assert "BC-7K2MX" in asked
        taken = await withdrawing(citizen, "BC-7K2MX")
        assert "Mình đã rút lại" in taken
        assert "Còn lại" in taken
        async with product.runtime.database.reading() as connection:
            assert await reports.list_all(connection, product.runtime.vault) == []
        assert "Mình không thấy sự đồng ý nào" in await withdrawing(citizen, "BC-7K2MX")
        assert "Mình đã rút lại" in await withdrawing(citizen, "all")
        assert "không có gì để rút" in await withdrawing(citizen, "")


async def test_who_agreed_to_nothing_has_nothing_to_take_back(product):
    async with product.working(), product.client() as client:
        citizen = Citizen(product, client)
        await citizen.say()
        assert "không có gì để rút" in await withdrawing(citizen, "")
