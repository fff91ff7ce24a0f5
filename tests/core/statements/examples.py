"""One valid statement of each kind; what they say is invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.core.statements import (
    Approval,
    BroadcastApproval,
    Checkpoint,
    ContentChangeApproval,
    EnrolmentApproval,
    GrantApproval,
    PolicyChangeApproval,
    SeriesApproval,
    Statement,
)
from bot.core.statements.models import (
    Approver,
    Audience,
    Broadcast,
    Content,
    ContentChange,
    Enrolment,
    Grant,
    LogHead,
    Policy,
    PolicyChange,
    Series,
    Timetable,
    Window,
)

ISSUED_AT = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
HEAD = "5f" * 32
POLICY = Policy(id="broadcast", version=1, required=2, distinct_from=("drafter", "editors"))
CONTENT = Content(
    lang="vi", title="Cúp điện", text="Tổ 3 cúp điện từ 7 giờ đến 11 giờ.\nMời bà con chuẩn bị.", media=()
)
AUDIENCE = Audience(areas=("30337", "30340"), channels=("telegram", "zalo"))
SUBJECT = {"version": 1, "drafter": "can-bo-1", "editors": ("can-bo-1", "can-bo-2")}


def make_approval(kind: type[Approval], **subject) -> Approval:
    """Return an approval of this kind, of this subject; of grants, one that is about no admin."""
    return kind(
        aud="https://ubnd.example.vn",
        jti="A" * 32,
        iat=ISSUED_AT,
        exp=ISSUED_AT + timedelta(minutes=10),
        approver=Approver(id="lanh-dao-1", role="admin"),
        policy=POLICY.model_copy(update={"id": kind.POLICY}),
        log=LogHead(size=12, head=HEAD),
        **subject,
    )


def make_broadcast(**changes) -> Broadcast:
    """Return a message to many."""
    window = Window(not_before=ISSUED_AT, not_after=ISSUED_AT + timedelta(hours=4), repeat=1)
    usual = {"content": CONTENT, "audience": AUDIENCE, "schedule": window, "severity": "notice", "mode": "live"}
    return Broadcast(id="B-1", **SUBJECT, **(usual | changes))


EXAMPLES: dict[str, Statement] = {
    "checkpoint": Checkpoint(aud="http://127.0.0.1:8000", size=3, head=HEAD, at=ISSUED_AT),
    "broadcast": make_approval(BroadcastApproval, broadcast=make_broadcast()),
    "series": make_approval(
        SeriesApproval,
        series=Series(
            id="S-1",
            **SUBJECT,
            content=CONTENT,
            audience=AUDIENCE,
            timetable=Timetable(
                not_before=ISSUED_AT,
                not_after=ISSUED_AT + timedelta(days=90),
                times=("07:30", "17:00"),
                weekdays=(1, 5),
                days_of_month=(),
            ),
            severity="notice",
            mode="training",
        ),
    ),
    "content change": make_approval(
        ContentChangeApproval,
        content_change=ContentChange(
            id="C-1",
            **SUBJECT,
            collection="offers",
            record="waiver-id-vn",
            action="set",
            previous="0" * 64,
            summary="Gia hạn ưu đãi đến hết năm 2027",
            text="valid_to: 2027-12-31\n",
        ),
    ),
    "policy change": make_approval(
        PolicyChangeApproval,
        policy_change=PolicyChange(
            id="P-1", **SUBJECT, previous=HEAD, policies=(POLICY,), roots=("a0" * 32, "b0" * 32), summary="Thêm một gốc"
        ),
    ),
    "enrolment": make_approval(
        EnrolmentApproval,
        enrolment=Enrolment(
            id="E-1",
            **SUBJECT,
            person="lanh-dao-2",
            certificate_sha256="c0" * 32,
            key_sha256="d0" * 32,
            holder="CN=Lê Thị Bình,C=VN",
        ),
    ),
    "grant": make_approval(
        GrantApproval,
        grant=Grant(
            id="G-1",
            **SUBJECT,
            person="can-bo-3",
            action="give",
            roles=("officer",),
            areas=("30337",),
            not_before=ISSUED_AT,
            not_after=ISSUED_AT + timedelta(days=14),
            substitute_for="can-bo-1",
        ),
    ),
}
