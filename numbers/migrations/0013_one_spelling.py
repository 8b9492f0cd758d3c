"""Numbers that are stored already get the one spelling of their region and city, in short transactions."""

from django.db import migrations

from numbers.inventory import places


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("numbers", "0012_places")]

    operations = [migrations.RunPython(lambda apps, editor: places.repair(), migrations.RunPython.noop)]
