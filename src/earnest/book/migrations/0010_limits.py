from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('book', '0009_documents'),
    ]

    operations = [
        migrations.CreateModel(
            name='LimitCount',
            fields=[
                ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('until', models.DateTimeField(db_index=True)),
                ('n', models.IntegerField()),
            ],
            options={
                'db_table': 'limit_count',
            },
        ),
    ]
