"""
Applications that people are signed in to, and what allauth's tables for them and for third parties may hold.

Why CHECKs: the tables are allauth's and would take personal data in clear; the database itself refuses it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_tables_of_others'),
        ('allauth_idp_oidc', '0003_client_allow_uri_wildcards'),
        ('socialaccount', '0006_alter_socialaccount_extra_data'),
    ]

    operations = [
        migrations.CreateModel(
            name='SignedInApplication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.UUIDField()),
                ('client_id', models.CharField(max_length=100)),
                ('sub', models.CharField(db_comment="HKDF(person's key, application); see people/subjects.py", max_length=64)),
                ('since', models.DateTimeField()),
            ],
            options={
                'db_table_comment': "Applications of the company's that people are signed in to",
                'constraints': [models.UniqueConstraint(fields=('person', 'client_id'), name='one_name_at_an_application'), models.UniqueConstraint(fields=('client_id', 'sub'), name='one_person_to_a_name')],
            },
        ),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule})", f"ALTER TABLE {table} DROP CONSTRAINT {name}"
            )
            for table, name, rule in (
                ("allauth_idp_oidc_token", "holds_nothing_but_a_hash", "data IS NULL OR data IN ('null', '{}')"),
                ("socialaccount_socialaccount", "holds_a_token_and_no_id", "uid ~ '^[a-z2-7]{24}$'"),
                ("socialaccount_socialaccount", "holds_nothing_that_a_third_party_tells", "extra_data = '{}'"),
                ("socialaccount_socialtoken", "tokens_of_third_parties_are_not_kept", "false"),
                ("socialaccount_socialapp", "third_parties_come_from_the_settings_alone", "false"),
            )
        ),
    ]
