"""Changes of signatures by a fixed seed: of bits, of bytes, and of whole ASN.1 values with the lengths put right."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

CONSTRUCTED = 0x20


@dataclass
class Node:
    """An ASN.1 value: its tag, and what it holds."""

    tag: int
    content: bytes = b""
    children: list[Node] = field(default_factory=list)

    def to_der(self) -> bytes:
        """Write it with lengths that fit."""
        body = b"".join(child.to_der() for child in self.children) if self.tag & CONSTRUCTED else self.content
        if len(body) < 128:
            return bytes([self.tag, len(body)]) + body
        length = len(body).to_bytes((len(body).bit_length() + 7) // 8)
        return bytes([self.tag, 128 | len(length)]) + length + body

    def walk(self) -> list[Node]:
        """Return it and all below it."""
        return [self, *(node for child in self.children for node in child.walk())]


def read_nodes(der: bytes) -> list[Node]:
    """Read the values in `der`, which is well-formed."""
    nodes, at = [], 0
    while at < len(der):
        tag, length, start = der[at], der[at + 1], at + 2
        if length > 127:
            start += length & 127
            length = int.from_bytes(der[at + 2 : start])
        body = der[start : start + length]
        nodes.append(Node(tag, body, read_nodes(body) if tag & CONSTRUCTED else []))
        at = start + length
    return nodes


def flip_bits(chance: random.Random, der: bytes, others: Sequence[bytes]) -> bytes:
    changed = bytearray(der)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def set_byte(chance: random.Random, der: bytes, others: Sequence[bytes]) -> bytes:
    changed = bytearray(der)
    changed[chance.randrange(len(changed))] = chance.choice((0, 1, 2, 5, 0x30, 0x31, 0x7F, 0x80, 0xA0, 0xFF))
    return bytes(changed)


def cut_or_add(chance: random.Random, der: bytes, others: Sequence[bytes]) -> bytes:
    at, size = chance.randrange(len(der)), chance.randrange(1, 20)
    return (
        der[:at] + (b"" if chance.random() < 0.5 else chance.randbytes(size)) + der[at + size * chance.randrange(2) :]
    )


def splice(chance: random.Random, der: bytes, others: Sequence[bytes]) -> bytes:
    other = chance.choice(others)
    at, size = chance.randrange(min(len(der), len(other))), chance.randrange(1, 400)
    return der[:at] + other[at : at + size] + der[at + size :]


def change_a_value(chance: random.Random, der: bytes, others: Sequence[bytes]) -> bytes:
    """Drop, repeat, swap or replace one value; above it all lengths are put right."""
    (root,) = read_nodes(der)
    parent = chance.choice([node for node in root.walk() if node.children])
    at = chance.randrange(len(parent.children))
    match chance.randrange(6):
        case 0:
            del parent.children[at]
        case 1:
            parent.children.insert(at, parent.children[at])
        case 2:
            chance.shuffle(parent.children)
        case 3:
            (other,) = read_nodes(chance.choice(others))
            alike = [node for node in other.walk() if node.tag == parent.children[at].tag]
            parent.children[at] = chance.choice(alike) if alike else other
        case 4:
            parent.children.insert(at, Node(5))
        case _:
            value = parent.children[at]
            parent.children[at] = Node(chance.choice((2, 4, 5, 6, 0x30, 0x31, 0xA0, 0xA1)), value.to_der())
    return root.to_der()


MUTATIONS: tuple[Callable[[random.Random, bytes, Sequence[bytes]], bytes], ...] = (
    flip_bits,
    flip_bits,
    set_byte,
    cut_or_add,
    splice,
    change_a_value,
    change_a_value,
    change_a_value,
)


def mutate(chance: random.Random, der: bytes, others: Sequence[bytes]) -> bytes:
    """Return `der` changed somehow."""
    return chance.choice(MUTATIONS)(chance, der, others)
