"""The laws run without a deadline: some random groups are large, and some machines slow."""

from hypothesis import settings

settings.register_profile("laws", deadline=None)
settings.load_profile("laws")
