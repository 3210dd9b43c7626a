"""The tables of a book. Rows of `act` and `entry` are for ever; rows that hold state are caches of acts.

Every constraint here is the second of three guards: the door is the first, the triggers of `guards` the
third.
"""

from django.db import models
from django.db.models import Q

SUBJECT_BYTES = 32


class Subject(models.Model):
    """What has a chain of acts: a reservation, an offer, the operator, the keys. Its row locks the chain.

    `sealed_n` of its acts are in the log, and `sealed_head` is the head after them; the sealer alone moves these.
    """

    key = models.BinaryField(primary_key=True, max_length=SUBJECT_BYTES)
    kind = models.CharField(max_length=20)
    number = models.CharField(max_length=80)
    n = models.IntegerField()
    head = models.BinaryField(max_length=32)
    sealed_n = models.IntegerField(db_default=0)
    sealed_head = models.BinaryField(max_length=32, null=True)

    class Meta:
        db_table = "subject"
        constraints = (
            models.UniqueConstraint(fields=["kind", "number"], name="subject_once"),
            models.CheckConstraint(
                condition=Q(sealed_n__gte=0) & Q(sealed_n__lte=models.F("n")), name="subject_sealed"
            ),
        )
        # What waits for a seal is found without looking at what was sealed long ago.
        indexes = (
            models.Index(fields=["key"], condition=Q(n__gt=models.F("sealed_n")), name="subject_unsealed"),
        )


class Act(models.Model):
    """One act: its exact leaf bytes, their hash, and the head of the chain after it."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="acts", db_index=False)
    seq = models.IntegerField()
    leaf = models.BinaryField()
    leaf_hash = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)
    type = models.CharField(max_length=40)
    at = models.DateTimeField()
    receipt_key = models.CharField(max_length=255)

    class Meta:
        db_table = "act"
        constraints = (
            models.UniqueConstraint(fields=["subject", "seq"], name="act_once"),
            models.CheckConstraint(condition=Q(seq__gte=0), name="act_seq"),
        )
        indexes = (models.Index(fields=["type", "at"], name="act_type_at"),)


class ActOpen(models.Model):
    """The disclosures of one act and one class, sealed together; deleted when the class is erased."""

    pk = models.CompositePrimaryKey("act", "cls")
    act = models.ForeignKey(Act, models.PROTECT, related_name="opens", db_index=False)
    cls = models.CharField(max_length=10)
    sealed = models.BinaryField()

    class Meta:
        db_table = "act_open"


class SubjectKey(models.Model):
    """The keys of one person (holder 0, 1, 2 …) of a subject, one a class, wrapped; NULL is the erasure.

    `contact_index` finds an earlier holder by address; the present one is found by the reservation's own.
    """

    pk = models.CompositePrimaryKey("subject", "person")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="keys", db_index=False)
    person = models.IntegerField()
    identity = models.BinaryField(null=True)
    contact = models.BinaryField(null=True)
    bank = models.BinaryField(null=True)
    money = models.BinaryField(null=True)
    text = models.BinaryField(null=True)
    contact_index = models.BinaryField(null=True, max_length=32)

    class Meta:
        db_table = "subject_key"
        indexes = (
            models.Index(
                fields=["contact_index"], name="earlier_contact", condition=Q(contact_index__isnull=False)
            ),
        )


class Entry(models.Model):
    """`amount_minor` moves from the account `credit` to the account `debit`: balanced by being one row."""

    pk = models.CompositePrimaryKey("act", "n")
    act = models.ForeignKey(Act, models.PROTECT, related_name="entries", db_index=False)
    n = models.IntegerField()
    debit = models.CharField(max_length=80)
    credit = models.CharField(max_length=80)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        db_table = "entry"
        constraints = (
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="entry_amount"),
            models.CheckConstraint(condition=~Q(debit=models.F("credit")), name="entry_accounts"),
        )
        indexes = (
            models.Index(fields=["debit", "currency"], name="entry_debit"),
            models.Index(fields=["credit", "currency"], name="entry_credit"),
        )


class EntrySlice(models.Model):
    """A range of acts (`after_act`, `until_act`] of which no more will come; a cache, see `slices`."""

    after_act = models.BigIntegerField(primary_key=True)
    until_act = models.BigIntegerField(unique=True)
    closed_at = models.DateTimeField()

    class Meta:
        db_table = "entry_slice"
        constraints = (
            models.CheckConstraint(
                condition=Q(until_act__gt=models.F("after_act")), name="entry_slice_range"
            ),
        )


class EntrySum(models.Model):
    """What the entries of a slice come to for one day (UTC), account of the chart and currency."""

    pk = models.CompositePrimaryKey("slice", "day", "account", "currency")
    slice = models.ForeignKey(EntrySlice, models.PROTECT, related_name="sums", db_index=False)
    day = models.CharField(max_length=10)
    account = models.CharField(max_length=30)
    currency = models.CharField(max_length=3)
    debit_minor = models.BigIntegerField()
    credit_minor = models.BigIntegerField()

    class Meta:
        db_table = "entry_sum"


class Balance(models.Model):
    """What a customer's account holds on the side on which it grows; never below zero, so nothing can be paid back that
    was not paid in."""

    pk = models.CompositePrimaryKey("subject", "cls", "currency")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="balances", db_index=False)
    cls = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()

    class Meta:
        db_table = "balance"
        constraints = (
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="balance_floor"),
            models.CheckConstraint(
                condition=Q(cls__in=["deposit", "refund", "receivable"]), name="balance_class"
            ),
        )


class Offer(models.Model):
    """An offer's state, and how much of it is taken: nobody is sold a place that does not exist."""

    subject = models.OneToOneField(Subject, models.PROTECT, primary_key=True, related_name="offer")
    slug = models.CharField(max_length=60, unique=True)
    status = models.CharField(max_length=10)
    state = models.TextField()
    n = models.IntegerField()
    capacity = models.IntegerField()
    taken = models.IntegerField()
    queue_last = models.IntegerField()

    class Meta:
        db_table = "offer"
        constraints = (
            models.CheckConstraint(
                condition=Q(taken__gte=0) & Q(taken__lte=models.F("capacity")), name="offer_capacity"
            ),
        )


class Variant(models.Model):
    """How much of one variant is taken; `capacity` NULL where only the offer's own limits it."""

    pk = models.CompositePrimaryKey("offer", "code")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="variants", db_index=False)
    code = models.CharField(max_length=40)
    capacity = models.IntegerField(null=True)
    taken = models.IntegerField()

    class Meta:
        db_table = "variant"
        constraints = (
            models.CheckConstraint(
                condition=Q(taken__gte=0) & (Q(capacity__isnull=True) | Q(taken__lte=models.F("capacity"))),
                name="variant_capacity",
            ),
        )


class Reservation(models.Model):
    """A reservation's state; its personal parts are sealed, and NULL once their key was destroyed."""

    subject = models.OneToOneField(Subject, models.PROTECT, primary_key=True, related_name="reservation")
    number = models.CharField(max_length=11, unique=True)
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="reservations", db_index=False)
    variant = models.CharField(max_length=40)
    queue_no = models.IntegerField()
    quantity = models.IntegerField()
    holds = models.IntegerField()
    status = models.CharField(max_length=10)
    state = models.TextField()
    n = models.IntegerField()
    identity = models.BinaryField(null=True)
    contact = models.BinaryField(null=True)
    bank = models.BinaryField(null=True)
    contact_index = models.BinaryField(null=True, max_length=32)
    placed_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "reservation"
        constraints = (
            models.UniqueConstraint(fields=["offer", "queue_no"], name="queue_once"),
            models.CheckConstraint(condition=Q(queue_no__gte=1), name="queue_from_one"),
            models.CheckConstraint(condition=Q(quantity__gte=0) & Q(holds__gte=0), name="places"),
        )
        indexes = (
            models.Index(fields=["status", "-placed_at"], name="reservation_list"),
            models.Index(fields=["-placed_at"], name="reservation_newest"),
            models.Index(fields=["contact_index"], name="reservation_contact"),
        )


class LogSeal(models.Model):
    """One checkpoint: its seal leaf, and the note that the log's key signed. `size` leaves, the seal the last.

    `anchor_cosignatures` and `anchor_stamps` say how many of each the checkpoint before had when this one named it.
    """

    no = models.IntegerField(primary_key=True)
    size = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    leaf = models.BinaryField()
    map_root = models.BinaryField(max_length=32)
    note = models.TextField()
    anchor_cosignatures = models.IntegerField()
    anchor_stamps = models.IntegerField()

    class Meta:
        db_table = "log_seal"


class LogLeaf(models.Model):
    """Which act stands where in the log, and which seal took it there; no act where the seal itself stands."""

    idx = models.BigIntegerField(primary_key=True)
    seal = models.ForeignKey(LogSeal, models.PROTECT, related_name="leaves")
    act = models.OneToOneField(Act, models.PROTECT, null=True, related_name="log_leaf")

    class Meta:
        db_table = "log_leaf"


class LogTile(models.Model):
    """256 hashes of the log's tree, or as many as there are yet (C2SP tlog-tiles)."""

    pk = models.CompositePrimaryKey("level", "i")
    level = models.IntegerField()
    i = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "log_tile"


class MapPage(models.Model):
    """A cache of the map's upper nodes, four bits of a key a level (see `pages`), so that a path needs few rows."""

    pk = models.CompositePrimaryKey("level", "i")
    level = models.IntegerField()
    i = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "map_page"


class Cosignature(models.Model):
    """What a witness or auditor signed beside the log, in the order in which it came."""

    seal = models.ForeignKey(LogSeal, models.PROTECT, related_name="cosignatures", db_index=False)
    name = models.CharField(max_length=200)
    line = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "cosignature"
        constraints = (models.UniqueConstraint(fields=["seal", "name"], name="cosignature_once"),)


class Stamp(models.Model):
    """An RFC 3161 time stamp of a checkpoint, exactly as the authority gave it."""

    seal = models.ForeignKey(LogSeal, models.PROTECT, related_name="stamps", db_index=False)
    name = models.CharField(max_length=200)
    token = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "stamp"
        constraints = (models.UniqueConstraint(fields=["seal", "name"], name="stamp_once"),)


class Sealer(models.Model):
    """The one row that says who may seal; `lease_no` fences off whoever had it before."""

    id = models.IntegerField(primary_key=True, default=1)
    lease_no = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    holder = models.CharField(max_length=100, default="")

    class Meta:
        db_table = "sealer"
        constraints = (models.CheckConstraint(condition=Q(id=1), name="sealer_one"),)


class LeafRead(models.Model):
    """An auditor read leaves of the log: which ones, with which key, when."""

    api_key = models.ForeignKey("ApiKey", models.PROTECT, related_name="leaf_reads")
    start = models.BigIntegerField()
    end = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "leaf_read"


class Look(models.Model):
    """An operator looked at a person's data. It is no act: it says nothing of the reservation itself."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="looks", db_index=False)
    who = models.CharField(max_length=150)
    what = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        db_table = "look"
        indexes = (models.Index(fields=["subject", "at"], name="look_of"),)


class Claim(models.Model):
    """A payment's reference may be used once in the whole book."""

    rail = models.CharField(max_length=10)
    reference = models.CharField(max_length=255)
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="claims")

    class Meta:
        db_table = "claim"
        constraints = (models.UniqueConstraint(fields=["rail", "reference"], name="claim_once"),)


class Series(models.Model):
    """How many numbers of a yearly series of documents were given: 1 to `last`. Its row is the lock of the next."""

    name = models.CharField(primary_key=True, max_length=30)
    last = models.IntegerField(default=0)

    class Meta:
        db_table = "series"
        constraints = (models.CheckConstraint(condition=Q(last__gte=0), name="series_from_one"),)


class Invoice(models.Model):
    """Which act issued a number of a series; a cache, and the constraint that a number is given once."""

    pk = models.CompositePrimaryKey("series", "no")
    series = models.ForeignKey(Series, models.PROTECT, related_name="invoices")
    no = models.IntegerField()
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="invoices")
    seq = models.IntegerField()

    class Meta:
        db_table = "invoice"
        constraints = (
            models.UniqueConstraint(fields=["subject", "seq"], name="invoice_once"),
            models.CheckConstraint(condition=Q(no__gte=1), name="invoice_from_one"),
        )


class Duty(models.Model):
    """What must happen next. A lease says who does it; `lease_no` fences off who held it before."""

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=200, unique=True)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, default="waiting")
    attempts = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease_by = models.CharField(max_length=100, default="")
    lease_no = models.IntegerField(default=0)
    last_error = models.TextField(default="")
    payload = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "duty"
        constraints = (
            models.CheckConstraint(condition=Q(state__in=["waiting", "done", "parked"]), name="duty_state"),
        )
        indexes = (models.Index(fields=["state", "due_at"], name="duty_due"),)


class Answer(models.Model):
    """What was answered under an idempotency key, so that asking twice is asking once."""

    actor = models.CharField(max_length=100)
    route = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    answer = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        db_table = "answer"
        constraints = (models.UniqueConstraint(fields=["actor", "route", "key"], name="answer_once"),)


class Mail(models.Model):
    """The outbox: a mail as it was made, sealed under its holder's contact key (operators': the book's)."""

    key = models.CharField(max_length=200, unique=True)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="mails")
    holder = models.IntegerField(default=0)
    template = models.CharField(max_length=40)
    language = models.CharField(max_length=2)
    message_id = models.CharField(max_length=255)
    sealed = models.BinaryField(null=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, default="made")
    error = models.TextField(default="")

    class Meta:
        db_table = "mail"
        indexes = (models.Index(fields=["-made_at"], name="mail_newest"),)


class Event(models.Model):
    """A provider's event, taken once."""

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=100)
    received_at = models.DateTimeField()
    body_hash = models.CharField(max_length=64)

    class Meta:
        db_table = "event"
        constraints = (models.UniqueConstraint(fields=["provider", "event_id"], name="event_once"),)


class ApiKey(models.Model):
    """A key to the API; only its hash is kept."""

    label = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"


class Book(models.Model):
    """The one row that says what book this is."""

    id = models.IntegerField(primary_key=True, default=1)
    origin = models.CharField(max_length=200)
    mode = models.CharField(max_length=4)
    opened_at = models.DateTimeField()
    clock_offset_seconds = models.BigIntegerField(default=0)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "book"
        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="book_one"),
            models.CheckConstraint(condition=Q(mode__in=["demo", "test", "live"]), name="book_mode"),
        )


class LimitCount(models.Model):
    """How often something was done in a while that is over at `until`; `name` is a keyed hash of what and by whom."""

    name = models.CharField(primary_key=True, max_length=64)
    until = models.DateTimeField(db_index=True)
    n = models.IntegerField()

    class Meta:
        db_table = "limit_count"


class KeptExposure(models.Model):
    """What an offer with very many reservations was exposed to `at` an instant; a cache, see `exposing`."""

    offer = models.OneToOneField(Offer, models.PROTECT, primary_key=True, related_name="exposure")
    at = models.DateTimeField()
    reaches = models.JSONField()

    class Meta:
        db_table = "kept_exposure"
