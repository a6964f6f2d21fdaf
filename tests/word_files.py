"""A small real .docx, as Word writes it: parts in a zip."""

from __future__ import annotations

import zipfile
from io import BytesIO

_SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
PICTURE = (
    '<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="1" descr="井口"/><a:graphic>'
    '<a:graphicData uri="x"><pic:pic><pic:blipFill><a:blip r:embed="rId9"/></pic:blipFill>'
    "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)
"""A paragraph that shows the picture given to `docx`."""
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="jpg" ContentType="image/jpeg"/>'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATION = '<Relationship Id="{id}" Type="{kind}" Target="{target}"/>'
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    "{}</Relationships>"
)
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_STYLE = '<w:style w:type="paragraph" w:styleId="{id}"><w:name w:val="{name}"/></w:style>'


def paragraph(text: str, style: str = "", *, bold: bool = False) -> str:
    """Give one paragraph; `style` is Title or Heading1."""
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    strong = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f"<w:p>{styled}<w:r>{strong}<w:t>{text}</w:t></w:r></w:p>"


def docx(body: str, picture: bytes = b"", *, document: str = "") -> bytes:
    """Give a .docx of these paragraphs; `document` takes the place of the whole main part."""
    styles = _STYLE.format(id="Title", name="Title")
    styles += _STYLE.format(id="Heading1", name="heading 1")
    main = document or f"<w:document {_SPACES}><w:body>{body}</w:body></w:document>"
    whole = _RELATION.format(id="rId1", kind=_KIND + "officeDocument", target="word/document.xml")
    inner = _RELATION.format(id="rId8", kind=_KIND + "styles", target="styles.xml")
    inner += _RELATION.format(id="rId9", kind=_KIND + "image", target="media/1.jpg")
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("[Content_Types].xml", _TYPES)
        parts.writestr("_rels/.rels", _RELATIONS.format(whole))
        parts.writestr("word/_rels/document.xml.rels", _RELATIONS.format(inner))
        parts.writestr("word/styles.xml", f"<w:styles {_SPACES}>{styles}</w:styles>")
        parts.writestr("word/document.xml", main)
        parts.writestr("word/media/1.jpg", picture)
    return file.getvalue()
