"""Where uploads are kept: on this machine's disk, or in the bucket that S3_BUCKET names."""

import re
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from .environment import env


def uploads() -> dict[str, Any]:
    """Its entry in STORAGES."""
    bucket, endpoint, access_key, secret_key = (
        env.str(f"S3_{name}", "") for name in ("BUCKET", "ENDPOINT", "ACCESS_KEY", "SECRET_KEY")
    )
    if not bucket:
        if endpoint or access_key or secret_key:  # each of several machines would keep its own, unnoticed
            raise ImproperlyConfigured("设置了对象存储而没有写明 S3_BUCKET（S3_BUCKET is not set）。")
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
        }
    if not (access_key and secret_key):
        raise ImproperlyConfigured(
            "使用 S3_BUCKET 须设置 S3_ACCESS_KEY 和 S3_SECRET_KEY（the keys of S3 are not set）。"
        )
    if endpoint and not re.fullmatch(r"https?://[^/\s]+/?", endpoint):
        raise ImproperlyConfigured(
            "S3_ENDPOINT 应为 https:// 或 http:// 开头的地址，不带路径（S3_ENDPOINT must be an address）。"
        )
    return {
        "BACKEND": "config.s3.BucketStorage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "region_name": env.str("S3_REGION", "us-east-1"),
            "access_key": access_key,
            "secret_key": secret_key,
        },
    }
