"""Several roles an account, in place of one rank."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NOW = {"admin": "commander approver auditor admin"}
"""Who was an admin might do everything, and still may; the other roles keep their names."""


def keep_roles(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give each account what its rank allowed."""
    for account in apps.get_model("accounts", "Account").objects.all():
        account.role_names = NOW.get(account.role, account.role)
        account.save(update_fields=["role_names"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="role_names",
            field=models.CharField(max_length=200, default=""),
            preserve_default=False,
        ),
        migrations.RunPython(keep_roles, migrations.RunPython.noop),
        migrations.RemoveField(model_name="account", name="role"),
    ]
