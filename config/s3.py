"""Files in an S3-compatible store, whose troubles are told as those of a disk: FileNotFoundError, OSError."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage

IN_MEMORY = 2 * 1024 * 1024  # bytes of a file being read; what is larger lies in the spool


@contextmanager
def as_on_a_disk(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            raise FileNotFoundError(name) from error
        raise OSError(f"{name}: {error}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise OSError(f"{name}: {error}") from error


class BucketStorage(S3Storage):
    def get_default_settings(self) -> dict[str, Any]:
        return super().get_default_settings() | {
            "max_memory_size": IN_MEMORY,
            # In one piece, so that nothing half-sent stays.
            "transfer_config": TransferConfig(use_threads=False, multipart_threshold=1024**3),
            "client_config": Config(
                connect_timeout=3,
                read_timeout=20,
                retries={"total_max_attempts": 2},
                s3={"addressing_style": "path"},  # of stores other than Amazon's
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        }

    def _open(self, name: str, mode: str = "rb") -> File:
        with as_on_a_disk(name):
            file: File = super()._open(name, mode)
            file.open()  # fetched now: later part of an answer would have been sent
        return file

    def _save(self, name: str, content: File) -> str:
        with as_on_a_disk(name):
            kept: str = super()._save(name, content)
        return kept

    def delete(self, name: str) -> None:
        with as_on_a_disk(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        with as_on_a_disk(name):
            found: bool = super().exists(name)
        return found

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with as_on_a_disk(path):
            found: tuple[list[str], list[str]] = super().listdir(path)
        return found

    def get_modified_time(self, name: str) -> datetime:
        with as_on_a_disk(name):
            at: datetime = super().get_modified_time(name)
        return at
