"""An S3-like store on the loopback address."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

KEYS = {"access_key": "tests", "secret_key": "only-for-tests"}
BUCKET = "uploads"


@contextmanager
def store() -> Iterator[str]:
    """Its address; it holds an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    try:
        client(address).create_bucket(Bucket=BUCKET)
        yield address
    finally:
        server.stop()


def client(address: str):
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id=KEYS["access_key"],
        aws_secret_access_key=KEYS["secret_key"],
    )


def options(address: str) -> dict[str, str]:
    """Of the storage, as the settings make them."""
    return {"bucket_name": BUCKET, "endpoint_url": address, "region_name": "us-east-1", **KEYS}
