from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=64)),
                ("title", models.CharField(max_length=200)),
                ("content_hash", models.CharField(max_length=64)),
                ("files", models.JSONField()),
                ("source", models.CharField(max_length=1000)),
                ("taken_in_at", models.DateTimeField()),
            ],
            options={"ordering": ("-taken_in_at",)},
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(fields=("slug", "content_hash"), name="one_row_a_content"),
        ),
    ]
