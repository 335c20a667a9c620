"""A text that is not the whole of its file says what is missing, and why."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sources", "0002_keys_over_two_columns")]

    operations = [
        migrations.AddField(
            model_name='document',
            name='lacks',
            field=models.TextField(blank=True, help_text='What of its file the text does not hold, and why.'),
        ),
    ]
