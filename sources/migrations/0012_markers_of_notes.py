from django.db import migrations, models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat


def print_markers(apps, schema_editor):
    """Write the markers of the notes found before, which were numbers in square brackets."""
    number = Cast(F("number"), models.CharField(max_length=10))
    notes = apps.get_model("sources", "Footnote").objects
    notes.update(marker=Concat(Value("["), number, Value("]")))


class Migration(migrations.Migration):

    dependencies = [
        ("sources", "0011_footnotes"),
    ]

    operations = [
        migrations.AddField(
            "footnote",
            "marker",
            models.CharField(default="", max_length=12, help_text="As the text prints it, such as “[8]”."),
            preserve_default=False,
        ),
        migrations.RunPython(print_markers, migrations.RunPython.noop),
        migrations.AlterField(
            "footnote",
            "number",
            models.PositiveIntegerField(help_text="Its place among the markers of its kind."),
        ),
        migrations.RemoveConstraint("footnote", "note_is_missing_once_from_a_document"),
        migrations.AddConstraint(
            "footnote",
            models.UniqueConstraint(
                fields=["document", "marker"],
                name="note_is_missing_once_from_a_document",
                violation_error_message="The document misses a note of this marker already.",
            ),
        ),
        migrations.AddConstraint(
            "footnote",
            models.CheckConstraint(
                condition=~Q(marker=""),
                name="note_has_a_marker",
                violation_error_message="A note is called for by a marker.",
            ),
        ),
    ]
