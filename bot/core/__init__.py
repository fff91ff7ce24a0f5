"""The product's meaning: content, rules, tables and use cases, knowing neither HTTP nor any platform nor Rasa."""
