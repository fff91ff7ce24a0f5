"""Cuts a message into tokens for Rasa: text and offsets as sent, the folded form as lemma for the features."""

from __future__ import annotations

import re

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from components.folding import fold

# A mark in brackets, a word with what is glued inside it (id.vn, 15/3/2026, 45/kh-ubnd), or one sign or emoji.
_TOKEN = re.compile(r"\[[^\[\]\n]{1,40}\]|\w+(?:[./\-]\w+)*|[^\w\s]")
# What the product put where it took a secret out; the mark's words are not the citizen's and say nothing about them.
_MARK = "[]"
# Which number it was is for the grammar; that one stood there is all an intent needs.
_DIGITS = re.compile(r"\d+")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class FoldingTokenizer(Tokenizer):
    """A tokenizer whose tokens read the same with and without accents."""

    @staticmethod
    def get_default_config() -> dict[str, object]:
        """Give what the base class needs: intents are never split."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Cut one attribute of a message; a text without any token is one token as a whole."""
        text = message.get(attribute)
        folded = fold(text)
        tokens = []
        for match in _TOKEN.finditer(folded.folded):
            start, end = folded.raw_span(*match.span())
            lemma = _MARK if match[0].startswith("[") and len(match[0]) > 1 else _DIGITS.sub("#", match[0])
            tokens.append(Token(text[start:end], start, end, lemma=lemma))
        return tokens or [Token(text, 0, len(text))]
