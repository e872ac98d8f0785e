from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial"), ("accounts", "0001_initial")]
    operations = [
        migrations.RemoveConstraint(model_name="revision", name="one_row_a_content"),
        migrations.AddField(
            model_name="revision",
            name="who",
            field=models.CharField(max_length=120, default="unknown"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="revision",
            name="why",
            field=models.CharField(blank=True, max_length=200, default=""),
            preserve_default=False,
        ),
        migrations.AlterField(model_name="revision", name="taken_in_at", field=models.DateTimeField(db_index=True)),
        migrations.AlterModelOptions(name="revision", options={"ordering": ("-taken_in_at", "-pk")}),
    ]
