"""The counter, with its row, so that what was published before can be stored at once."""

import uuid

from django.db import migrations, models


def begin_to_count(apps, schema_editor):
    apps.get_model("sources", "Counter").objects.create(id=1, number=0, stamp=uuid.uuid4())


class Migration(migrations.Migration):
    dependencies = [("sources", "0006_search_index")]

    operations = [
        migrations.CreateModel(
            name="Counter",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.BigIntegerField(default=0, editable=False)),
                ("stamp", models.UUIDField(editable=False)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(id=1),
                        name="counter_is_one_row",
                        violation_error_message="There is one counter.",
                    )
                ],
            },
        ),
        migrations.RunPython(begin_to_count, migrations.RunPython.noop),
    ]
