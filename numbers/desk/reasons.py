"""Reasons that are often given for a rejection. The customer reads them."""

DOCUMENT_REASONS = (
    "The document cannot be read. Please upload a sharper scan or photo.",
    "Parts of the document are missing or cut off. Please upload all pages in full.",
    "The document has expired. Please upload one that is still valid.",
    "The document is older than three months. Please upload a recent one.",
    "The name on the document is not that of the number’s holder.",
    "The address on the document is not in the area required for this number.",
    "This is not one of the documents required here.",
)
ORDER_REASONS = (
    "We could not verify who will use this number.",
    "The rules of the country do not allow this number for this use.",
    "The documents contradict each other, and our questions were not answered.",
    "The supplier can no longer provide this number.",
)
