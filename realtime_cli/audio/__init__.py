"""Microphones and speakers, and what stands in for them."""
