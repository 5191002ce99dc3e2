"""How Word names the parts of a document."""

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
