"""`./run sbom [FILE]`: what is in the product, from its locks, in CycloneDX. The same locks give the same file."""

import argparse
import hashlib
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from scripts.locks import front_end_pins, python_pins

PARTS = ("", "-s3")  # of the locks: what runs, not what tests or builds it
NO_DAY = datetime(1980, 1, 1, tzinfo=UTC)  # of what depends on the locks alone


def components() -> list[Component]:
    found = {}
    for part in PARTS:
        for name, pin in python_pins(part).items():
            purl = PackageURL("pypi", None, name, pin.version)
            found[str(purl)] = Component(
                type=ComponentType.LIBRARY, name=name, version=pin.version, purl=purl, bom_ref=str(purl)
            )
    for path, asset in front_end_pins().items():
        if asset.is_for_development:
            continue
        group, _, name = path.rpartition(" > ")[2].rpartition("/")
        purl = PackageURL("npm", group or None, name, asset.version)
        found[str(purl)] = Component(
            type=ComponentType.LIBRARY,
            group=group or None,
            name=name,
            version=asset.version,
            purl=purl,
            bom_ref=str(purl),
            hashes=[HashType(alg=HashAlgorithm.SHA_512, content=asset.sha512)],
        )
    return [found[purl] for purl in sorted(found)]


def sbom() -> str:
    listed = components()
    content = hashlib.sha256("\n".join(str(component.purl) for component in listed).encode()).hexdigest()
    product = Component(type=ComponentType.APPLICATION, name="gaige-tracker", bom_ref="gaige-tracker")
    bom = Bom(
        components=listed,
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, content),
        metadata=BomMetaData(component=product, timestamp=NO_DAY),
    )
    bom.register_dependency(product, listed)
    return str(JsonV1Dot6(bom).output_as_string(indent=2)) + "\n"


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="./run sbom")
    parser.add_argument("file", nargs="?", type=Path)
    if file := parser.parse_args(words).file:
        file.write_text(sbom())
    else:
        sys.stdout.write(sbom())


if __name__ == "__main__":
    main(sys.argv[1:])
