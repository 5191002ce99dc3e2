"""通报, 领导一页纸 and 上会材料: made by rules from confirmed data; the page and the document show the same draft."""
