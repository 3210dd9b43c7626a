"""No index of its own for a field that a unique index of its table begins with: each cost every act its writing, and
the sealer was led through one of them on PostgreSQL."""

import django.db.models.deletion
from django.db import migrations, models

#: (model, its field, what that points to, the name from there, the index): it has one name on both databases.
GONE = (
    ("act", "subject", "subject", "acts", "act_subject_id_cc7cf45e"),
    ("actopen", "act", "act", "opens", "act_open_act_id_a5e3cf8f"),
    ("subjectkey", "subject", "subject", "keys", "subject_key_subject_id_0c9d11f0"),
    ("entry", "act", "act", "entries", "entry_act_id_7979a2e1"),
    ("entrysum", "slice", "entryslice", "sums", "entry_sum_slice_id_666fda35"),
    ("balance", "subject", "subject", "balances", "balance_subject_id_df444b89"),
    ("variant", "offer", "offer", "variants", "variant_offer_id_f2e90373"),
    ("reservation", "offer", "offer", "reservations", "reservation_offer_id_1c70d646"),
    ("cosignature", "seal", "logseal", "cosignatures", "cosignature_seal_id_d9d46378"),
    ("stamp", "seal", "logseal", "stamps", "stamp_seal_id_2f0c8726"),
    ("look", "subject", "subject", "looks", "look_subject_id_c1290fdc"),
)


def without(model: str, field: str, to: str, name: str, index: str) -> migrations.SeparateDatabaseAndState:
    """Django would make the table anew on SQLite, with everything that hangs on it; only the index goes."""
    table = index.partition(f"_{field}_id_")[0]
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(f"DROP INDEX {index}", f"CREATE INDEX {index} ON {table} ({field}_id)")
        ],
        state_operations=[
            migrations.AlterField(
                model_name=model,
                name=field,
                field=models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name=name,
                    to=f"book.{to}",
                ),
            )
        ],
    )


class Migration(migrations.Migration):
    dependencies = [("book", "0007_holders")]
    operations = [without(*each) for each in GONE]
