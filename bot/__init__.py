"""Hiện Diện: the assistant that Vietnamese provinces run so that their people get online safely."""
