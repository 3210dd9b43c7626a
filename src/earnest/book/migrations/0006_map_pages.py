"""The map's pages have another size. They are a cache: the old ones go, and the next seal makes the new ones."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("book", "0005_sums")]

    operations = [migrations.RunSQL("DELETE FROM map_page", migrations.RunSQL.noop)]
