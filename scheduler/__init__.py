"""The clock of the product: what is due when. It decides nothing; each job calls one core use case.

APScheduler ticks the timetable in the process and stores nothing.
Due times of people's own schedules are database rows.
"""
