"""Deliveries to registrars' own endpoints, as the Standard Webhooks specification writes and signs them.

A registrar's address is somebody else's choice, so it is trusted with nothing: only https, only addresses of the public
Internet, looked at after the name was resolved and connected to as they were looked at, no redirection followed, and
of the answer nothing is read but its status.
"""
