import json

from django.db import migrations, models

from portal.core import crypto


def seal(apps, schema_editor):
    """What waits is encrypted, what was sent is cleared; both hold links that open accounts."""
    mails = apps.get_model("jobs", "OutgoingMail").objects
    mails.filter(sent_at__isnull=False).exclude(text="", html="").update(text="", html="")
    for mail in mails.filter(sent_at__isnull=True).exclude(text="").iterator():
        given = {name: value for name, value in mail.headers.items() if name != "Message-ID"}
        mail.sealed = crypto.encrypt(json.dumps({"text": mail.text, "html": mail.html, "headers": given}).encode())
        mail.headers = {name: value for name, value in mail.headers.items() if name == "Message-ID"}
        mail.text = mail.html = ""
        mail.save(update_fields=["sealed", "headers", "text", "html"])


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_drop_redundant_indexes")]

    operations = [
        migrations.AddField("outgoingmail", "sealed", models.TextField(blank=True, db_default="")),
        migrations.RunPython(seal, migrations.RunPython.noop),
        migrations.AddConstraint(
            "outgoingmail",
            models.CheckConstraint(
                condition=models.Q(("sent_at__isnull", True), ("sealed", ""), _connector="OR"),
                name="mail_without_body_once_sent",
            ),
        ),
    ]
