"""The product's settings, with addresses of the benchmarks beside its own."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"
