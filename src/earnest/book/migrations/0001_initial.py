import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Subject',
            fields=[
                ('key', models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=20)),
                ('number', models.CharField(max_length=80)),
                ('n', models.IntegerField()),
                ('head', models.BinaryField(max_length=32)),
            ],
            options={
                'db_table': 'subject',
            },
        ),
        migrations.CreateModel(
            name='Act',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acts', to='book.subject')),
                ('seq', models.IntegerField()),
                ('leaf', models.BinaryField()),
                ('leaf_hash', models.BinaryField(max_length=32)),
                ('head', models.BinaryField(max_length=32)),
                ('type', models.CharField(max_length=40)),
                ('at', models.DateTimeField()),
                ('receipt_key', models.CharField(max_length=255)),
            ],
            options={
                'db_table': 'act',
            },
        ),
        migrations.CreateModel(
            name='ActOpen',
            fields=[
                ('pk', models.CompositePrimaryKey('act', 'cls', blank=True, editable=False, primary_key=True, serialize=False)),
                ('act', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opens', to='book.act')),
                ('cls', models.CharField(max_length=10)),
                ('sealed', models.BinaryField()),
            ],
            options={
                'db_table': 'act_open',
            },
        ),
        migrations.CreateModel(
            name='SubjectKey',
            fields=[
                ('pk', models.CompositePrimaryKey('subject', 'person', blank=True, editable=False, primary_key=True, serialize=False)),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='book.subject')),
                ('person', models.IntegerField()),
                ('identity', models.BinaryField(null=True)),
                ('contact', models.BinaryField(null=True)),
                ('bank', models.BinaryField(null=True)),
                ('money', models.BinaryField(null=True)),
                ('text', models.BinaryField(null=True)),
            ],
            options={
                'db_table': 'subject_key',
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('pk', models.CompositePrimaryKey('act', 'n', blank=True, editable=False, primary_key=True, serialize=False)),
                ('act', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='book.act')),
                ('n', models.IntegerField()),
                ('debit', models.CharField(max_length=80)),
                ('credit', models.CharField(max_length=80)),
                ('amount_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
            ],
            options={
                'db_table': 'entry',
            },
        ),
        migrations.CreateModel(
            name='Balance',
            fields=[
                ('pk', models.CompositePrimaryKey('subject', 'cls', 'currency', blank=True, editable=False, primary_key=True, serialize=False)),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='book.subject')),
                ('cls', models.CharField(max_length=10)),
                ('currency', models.CharField(max_length=3)),
                ('amount_minor', models.BigIntegerField()),
            ],
            options={
                'db_table': 'balance',
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('subject', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='offer', serialize=False, to='book.subject')),
                ('slug', models.CharField(max_length=60, unique=True)),
                ('status', models.CharField(max_length=10)),
                ('state', models.TextField()),
                ('n', models.IntegerField()),
                ('capacity', models.IntegerField()),
                ('taken', models.IntegerField()),
                ('queue_last', models.IntegerField()),
            ],
            options={
                'db_table': 'offer',
            },
        ),
        migrations.CreateModel(
            name='Variant',
            fields=[
                ('pk', models.CompositePrimaryKey('offer', 'code', blank=True, editable=False, primary_key=True, serialize=False)),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='variants', to='book.offer')),
                ('code', models.CharField(max_length=40)),
                ('capacity', models.IntegerField(null=True)),
                ('taken', models.IntegerField()),
            ],
            options={
                'db_table': 'variant',
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('subject', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='reservation', serialize=False, to='book.subject')),
                ('number', models.CharField(max_length=11, unique=True)),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='book.offer')),
                ('variant', models.CharField(max_length=40)),
                ('queue_no', models.IntegerField()),
                ('quantity', models.IntegerField()),
                ('holds', models.IntegerField()),
                ('status', models.CharField(max_length=10)),
                ('state', models.TextField()),
                ('n', models.IntegerField()),
                ('identity', models.BinaryField(null=True)),
                ('contact', models.BinaryField(null=True)),
                ('bank', models.BinaryField(null=True)),
                ('contact_index', models.BinaryField(max_length=32, null=True)),
                ('placed_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'reservation',
            },
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rail', models.CharField(max_length=10)),
                ('reference', models.CharField(max_length=255)),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='book.subject')),
            ],
            options={
                'db_table': 'claim',
            },
        ),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('key', models.CharField(max_length=200, unique=True)),
                ('due_at', models.DateTimeField()),
                ('state', models.CharField(default='waiting', max_length=8)),
                ('attempts', models.IntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('lease_by', models.CharField(default='', max_length=100)),
                ('lease_no', models.IntegerField(default=0)),
                ('last_error', models.TextField(default='')),
                ('payload', models.JSONField(default=dict)),
                ('done_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'duty',
                'indexes': [models.Index(fields=['state', 'due_at'], name='duty_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'done', 'parked'])), name='duty_state')],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('actor', models.CharField(max_length=100)),
                ('route', models.CharField(max_length=100)),
                ('key', models.CharField(max_length=255)),
                ('body_hash', models.CharField(max_length=64)),
                ('answer', models.JSONField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'answer',
                'constraints': [models.UniqueConstraint(fields=('actor', 'route', 'key'), name='answer_once')],
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200, unique=True)),
                ('subject', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='book.subject')),
                ('template', models.CharField(max_length=40)),
                ('language', models.CharField(max_length=2)),
                ('message_id', models.CharField(max_length=255)),
                ('sealed', models.BinaryField(null=True)),
                ('made_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('status', models.CharField(default='made', max_length=10)),
                ('error', models.TextField(default='')),
            ],
            options={
                'db_table': 'mail',
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=20)),
                ('event_id', models.CharField(max_length=255)),
                ('type', models.CharField(max_length=100)),
                ('received_at', models.DateTimeField()),
                ('body_hash', models.CharField(max_length=64)),
            ],
            options={
                'db_table': 'event',
                'constraints': [models.UniqueConstraint(fields=('provider', 'event_id'), name='event_once')],
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=100)),
                ('prefix', models.CharField(max_length=12, unique=True)),
                ('hash', models.CharField(max_length=64)),
                ('scopes', models.JSONField(default=list)),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'api_key',
            },
        ),
        migrations.CreateModel(
            name='Book',
            fields=[
                ('id', models.IntegerField(default=1, primary_key=True, serialize=False)),
                ('origin', models.CharField(max_length=200)),
                ('mode', models.CharField(max_length=4)),
                ('opened_at', models.DateTimeField()),
                ('clock_offset_seconds', models.BigIntegerField(default=0)),
                ('data', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'book',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='book_one'), models.CheckConstraint(condition=models.Q(('mode__in', ['demo', 'test', 'live'])), name='book_mode')],
            },
        ),
        migrations.AddConstraint(
            model_name='subject',
            constraint=models.UniqueConstraint(fields=('kind', 'number'), name='subject_once'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['debit', 'currency'], name='entry_debit'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['credit', 'currency'], name='entry_credit'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='entry_amount'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('debit', models.F('credit')), _negated=True), name='entry_accounts'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('taken__gte', 0), ('taken__lte', models.F('capacity'))), name='offer_capacity'),
        ),
        migrations.AddIndex(
            model_name='mail',
            index=models.Index(fields=['-made_at'], name='mail_newest'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.UniqueConstraint(fields=('rail', 'reference'), name='claim_once'),
        ),
        migrations.AddConstraint(
            model_name='balance',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gte', 0)), name='balance_floor'),
        ),
        migrations.AddConstraint(
            model_name='balance',
            constraint=models.CheckConstraint(condition=models.Q(('cls__in', ['deposit', 'refund'])), name='balance_class'),
        ),
        migrations.AddIndex(
            model_name='act',
            index=models.Index(fields=['type', 'at'], name='act_type_at'),
        ),
        migrations.AddConstraint(
            model_name='act',
            constraint=models.UniqueConstraint(fields=('subject', 'seq'), name='act_once'),
        ),
        migrations.AddConstraint(
            model_name='act',
            constraint=models.CheckConstraint(condition=models.Q(('seq__gte', 0)), name='act_seq'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.CheckConstraint(condition=models.Q(('taken__gte', 0), models.Q(('capacity__isnull', True), ('taken__lte', models.F('capacity')), _connector='OR')), name='variant_capacity'),
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(fields=['status', '-placed_at'], name='reservation_list'),
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(fields=['-placed_at'], name='reservation_newest'),
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(fields=['contact_index'], name='reservation_contact'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.UniqueConstraint(fields=('offer', 'queue_no'), name='queue_once'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.CheckConstraint(condition=models.Q(('queue_no__gte', 1)), name='queue_from_one'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 0), ('holds__gte', 0)), name='places'),
        ),
    ]
