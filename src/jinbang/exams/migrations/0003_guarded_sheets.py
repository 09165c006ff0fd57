"""Sheets of candidates hold full identity numbers: from now on they are for those who import."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def guard(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    sheets = apps.get_model("exams", "CandidateImport").objects.values("file")
    apps.get_model("documents", "StoredFile").objects.filter(pk__in=sheets).update(ability="candidate.import")


class Migration(migrations.Migration):
    dependencies = [("exams", "0002_ledger_reversals"), ("documents", "0002_file_ability")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
