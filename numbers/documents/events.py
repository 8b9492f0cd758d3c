"""The life of a document, in the audit trail."""

from projects.events import Event, declare

declare(
    Event(
        "document.uploaded",
        "file-text",
        "uploaded the document “{subject}”",
        staff="uploaded “{subject}”",
        staff_icon="upload",
    ),
    Event(
        "document.checked",
        "file-text",
        "checked the document “{subject}”: no problems found",
        staff="checked “{subject}”: no problems found",
        staff_icon="circle-check",
    ),
    Event(
        "document.refused",
        "file-text",
        "rejected the document “{subject}” and erased the file",
        staff="rejected “{subject}” and erased the file",
        staff_icon="circle-x",
    ),
    Event(
        "document.check_failed",
        "file-text",
        "could not check the document “{subject}” and erased the file",
        staff="could not check “{subject}” and erased the file",
        staff_icon="circle-x",
    ),
    Event(
        "document.replaced",
        "file-text",
        "replaced a document with “{subject}”",
        staff="replaced a document with “{subject}”",
        staff_icon="refresh",
    ),
    Event(
        "document.offered",
        "file-text",
        "submitted the document “{subject}” for another order",
        staff="submitted “{subject}”, uploaded earlier",
        staff_icon="files",
    ),
    Event("document.downloaded", "file-text", "downloaded the document “{subject}”"),
    Event(
        "document.withdrawn",
        "file-text",
        "withdrew the document “{subject}”; its file was deleted",
        staff="withdrew “{subject}”; its file was deleted",
        staff_icon="arrow-back-up",
    ),
    Event("document.purged", "file-text", "deleted the file of “{subject}”, which is no longer needed"),
)
