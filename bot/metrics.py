"""What is counted, for Prometheus; labels never hold anything a citizen wrote."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

TURNS = Counter("hiendien_turns", "Turns by how they ended", ["outcome"])
TURN_SECONDS = Histogram(
    "hiendien_turn_seconds",
    "From the claim of an update to the commit of its answer",
    buckets=(0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 10),
)
INBOX_UNFINISHED = Gauge("hiendien_inbox_unfinished", "Updates waiting for a worker or with one")
INBOX_PARKED = Gauge("hiendien_inbox_parked", "Updates that failed every time and that nobody has seen to")
NLU_READY = Gauge("hiendien_nlu_ready", "1 while the NLU server answers")
REQUESTS_THROTTLED = Counter("hiendien_requests_throttled", "Chat requests refused for their rate")
UPDATES = Counter("hiendien_updates", "Updates from platforms by what became of them", ["channel", "outcome"])
DELIVERIES = Counter("hiendien_deliveries", "Messages to be sent by what became of them", ["channel", "outcome"])
CHANNEL_TOKEN = Gauge(
    "hiendien_channel_token",
    "A channel's access token: 0 good, 1 perhaps lost by a renewal that was cut off, 2 a person must authorise anew",
    ["channel"],
)
CHANNEL_HEARD = Gauge(
    "hiendien_channel_heard_seconds",
    "When a platform last called with proof, in seconds since 1970: long silence may be a webhook switched off there",
    ["channel"],
)
BROADCAST_MOMENTS = Counter(
    "hiendien_broadcast_moments", "Looks at broadcasts that were due, by what came", ["outcome"]
)
WEBHOOKS = Counter("hiendien_registrar_webhooks", "Deliveries to registrars by what became of them", ["outcome"])
REVOCATION_FETCHES = Counter(
    "hiendien_revocation_fetches",
    "Lists (crl) and answers (ocsp) that were asked for, by what came",
    ["kind", "outcome"],
)
REVOCATION_LIST_AGE = Gauge(
    "hiendien_revocation_list_age_seconds", "Since the newest sound list of an authority was made", ["authority"]
)
REVOCATION_BLIND = Gauge("hiendien_revocation_blind_authorities", "Authorities without a fresh list or a responder")
CERTIFICATE_DAYS = Gauge(
    "hiendien_certificate_days_left", "Until the first certificate of a kind ends; negative once it has", ["kind"]
)
