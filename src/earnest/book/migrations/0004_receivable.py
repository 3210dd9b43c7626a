from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("book", "0003_looks"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="balance", name="balance_class"),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.CheckConstraint(
                condition=models.Q(("cls__in", ["deposit", "refund", "receivable"])), name="balance_class"
            ),
        ),
    ]
