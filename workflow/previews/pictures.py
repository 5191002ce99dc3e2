"""Pages of PDF and pictures, drawn anew: no script, no metadata and nothing hidden comes along."""

import base64
from io import BytesIO
from typing import IO, Any

import pypdfium2
from PIL import Image, ImageOps

MOST_PIXELS = 80_000_000  # of a picture as it came
MOST_DRAWN = 6_000_000  # of a page as it is drawn
MOST_PNG = 600_000  # from here on a page is a photograph, and drawn as one
MOST_TEXT = 20_000

Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow refuses from twice as many


def look(file: IO[bytes], extension: str, page: int, width: int) -> dict[str, Any]:
    return _page(file, page, width) if extension == "pdf" else _picture(file, width)


def _page(file: IO[bytes], page: int, width: int) -> dict[str, Any]:
    document = pypdfium2.PdfDocument(file)
    pages = len(document)
    page = max(1, min(page, pages))
    drawn = document[page - 1]
    wide, high = drawn.get_size()
    scale = min(width / wide, (MOST_DRAWN / (wide * high)) ** 0.5)
    picture = drawn.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    text = drawn.get_textpage().get_text_range(count=-1)[:MOST_TEXT]
    return {"page": page, "pages": pages, "blocks": [shown(picture)], "text": text.replace("\r\n", "\n").strip()}


def _picture(file: IO[bytes], width: int) -> dict[str, Any]:
    return {"page": 1, "pages": 1, "blocks": [shown(opened(file, width))]}


def opened(file: IO[bytes], width: int) -> Image.Image:
    """The picture, upright, no wider than `width`."""
    with Image.open(file, formats=["PNG", "JPEG"]) as picture:
        picture.draft("RGB", (width, width))  # a photograph of a camera is read at a fraction of its size
        if picture.mode in {"P", "LA", "RGBA", "PA"}:
            whole = picture.convert("RGBA")
            upright = Image.new("RGB", whole.size, "white")
            upright.paste(whole, mask=whole.getchannel("A"))
        else:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    high = max(1, round(upright.height * width / upright.width))
    if upright.width > width and width * high <= MOST_DRAWN:
        return upright.resize((width, high))
    upright.thumbnail((width, MOST_DRAWN // width))
    return upright


def shown(picture: Image.Image) -> dict[str, Any]:
    """A block with it."""
    content, kind = BytesIO(), "png"
    picture.save(content, "PNG")
    if content.tell() > MOST_PNG:
        content, kind = BytesIO(), "jpeg"
        picture.save(content, "JPEG", quality=82)
    data = base64.b64encode(content.getvalue()).decode()
    return {"picture": f"data:image/{kind};base64,{data}", "width": picture.width, "height": picture.height}
