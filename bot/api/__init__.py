"""What machines ask over HTTP, and how failures are told to them."""
