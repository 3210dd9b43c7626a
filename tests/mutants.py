"""Guards of sealer, book, auditor and the calls outward, each with the tests that fail when it is taken out.

Each of these tests is run twice: as it is, and once more for each mutant, and then it must fail (`tests/conftest.py`).
The guards of the verifier have tables of their own: `tests/vectors/guards.py` and `together.py`, and those of policy,
witness and replay in `tests/record/test_guards.py`.
"""

from tests.without import Mutant

SEALER, SEALING = "outside/test_sealer.py", "book/test_sealing.py"
RECOVERY, KEYS = "book/test_recovery.py", "book/test_recovery_keys.py"
PASSING = "book/test_passing_on.py"
GIVING_UP, CORRECTING = "book/test_giving_up.py", "book/test_corrections.py"
ERASURE, TSA, AUDITOR = "book/test_erasure.py", "outside/test_tsa.py", "outside/test_auditor_accidents.py"

MUTANTS: tuple[Mutant, ...] = (
    # --- sealing
    Mutant(
        "a log that says nothing is sealed hourly",
        "earnest.sealer:due",
        "now - last.at >= HEARTBEAT or ",
        "",
        (
            f"{SEALER}::test_it_seals_when_it_is_time_and_not_before",
            f"{SEALER}::test_a_heartbeat_that_is_missing_is_seen_by_the_reader",
        ),
    ),
    Mutant(
        "an act waits no longer than a minute",
        "earnest.sealer:due",
        "return oldest is not None and",
        "return False and oldest is not None and",
        (f"{SEALER}::test_it_seals_when_it_is_time_and_not_before",),
    ),
    Mutant(
        "many acts do not wait",
        "earnest.sealer:due",
        " or count >= config.seal_acts",
        "",
        (f"{SEALER}::test_it_seals_when_it_is_time_and_not_before",),
    ),
    Mutant(
        "an old copy seals nothing",
        "earnest.sealer:check_not_behind",
        "if there > size:",
        "if False:",
        (
            f"{SEALER}::test_a_book_restored_from_an_old_backup_is_not_sealed",
            f"{SEALER}::test_a_restored_book_signs_no_second_log",
        ),
    ),
    Mutant(
        "a witness that has seen more is believed",
        "earnest.sealer:_cosigned",
        "if size > point.size:",
        "if False:",
        (f"{SEALER}::test_without_that_look_the_witness_itself_refuses_the_fork",),
    ),
    Mutant(
        "who has not signed is asked again",
        "earnest.sealer:turn",
        "if newest is not None:",
        "if made is not None:",
        (
            f"{SEALER}::test_a_witness_that_is_away_is_asked_again",
            f"{SEALER}::test_a_crash_between_the_witness_and_the_time_stamp_loses_neither",
        ),
    ),
    Mutant(
        "one sealer at a time has the lease",
        "earnest.book.sealing:acquire",
        "row.lease_until > now",
        "False",
        (f"{SEALING}::test_two_sealers_never_work_at_once",),
    ),
    Mutant(
        "the lease is looked at in the transaction that writes",
        "earnest.book.sealing:fence",
        "!= 1:",
        "== 2:",
        (f"{SEALING}::test_two_sealers_never_work_at_once",),
    ),
    Mutant(
        "no seal is dated before the one before it",
        "earnest.book.sealing:seal",
        "max(now, last.at) if last else now",
        "now",
        (
            "book/test_sealing_faults.py::test_a_clock_that_was_set_back_dates_no_seal_before_the_one_before_it",
        ),
    ),
    Mutant(
        "the log's newest key signs, and no other",
        "earnest.book.sealing:_introduce_key",
        "raise WrongKey(",
        "str(",
        (f"{RECOVERY}::test_with_the_old_key_nobody_seals_any_more",),
    ),
    Mutant(
        "what is published is made again after a crash",
        "earnest.book.publish:catch_up",
        "    publish(point, 0 if not have else min(published_size(), point.size))",
        "    return",
        (f"{SEALER}::test_files_that_were_lost_are_made_again",),
    ),
    # --- an old backup, and other keys
    Mutant(
        "a mirror goes on from this book's log",
        "earnest.book.recovery:_from_mirror",
        "log.leaves(0, size) != leaves[:size]",
        "False",
        (f"{RECOVERY}::test_a_mirror_whose_beginning_is_another_log_is_refused",),
    ),
    Mutant(
        "a mirror holds what was signed",
        "earnest.book.recovery:_from_mirror",
        "replay.check_root(point.size, point.root)",
        "pass",
        (f"{RECOVERY}::test_a_mirror_of_another_history_is_refused",),
    ),
    Mutant(
        "what was written after the backup is not written over",
        "earnest.book.recovery:_take_act",
        "bytes(there.leaf_hash) != hashed",
        "False",
        (f"{RECOVERY}::test_an_act_that_was_written_anew_since_the_backup_is_refused",),
    ),
    Mutant(
        "a story that does not hold brings no values",
        "earnest.book.recovery:_story",
        "if not report.ok:",
        "if False:",
        (
            f"{RECOVERY}::test_a_story_that_does_not_hold_brings_nothing",
            f"{RECOVERY}::test_a_story_under_another_key_brings_nothing",
        ),
    ),
    Mutant(
        "a story is held against this book's key",
        "earnest.book.recovery:_story",
        "verify_story(data, clock.now(), export.vkeys()[0])",
        "verify_story(data, clock.now())",
        (f"{RECOVERY}::test_a_story_under_another_key_brings_nothing",),
    ),
    Mutant(
        "who signed beside the log is taken from a mirror only as our seals name it",
        "earnest.book.signed_then:Copies.__init__",
        " and hashlib.sha256(said[seal.no]).digest() == seal.anchor",
        "",
        (f"{KEYS}::test_copies_with_other_lines_than_the_seal_names_are_not_taken",),
    ),
    Mutant(
        "a succession has a name",
        "earnest.book.rotation:succeed",
        "check(name, kind)",
        "pass",
        ("faces/test_cli_record.py::test_what_cannot_be_done_says_why_and_changes_nothing",),
        only="one line",
    ),
    # --- erasure
    Mutant(
        "what went without an act, or stayed in spite of one, is found",
        "earnest.book.rebuild:_erased",
        "if isinstance(value, Erased) != ((each.act.seq, name) in said):",
        "if False:",
        (
            f"{ERASURE}::test_a_key_that_went_without_an_act_is_found",
            f"{ERASURE}::test_an_act_of_erasure_that_erased_nothing_is_found",
        ),
    ),
    Mutant(
        "an erasure destroys the key",
        "earnest.book.erasing:clear",
        "theirs.update(**{each.cls: None}, **index)",
        "pass",
        (
            f"{ERASURE}::test_the_key_is_gone_and_only_that_one",
            f"{ERASURE}::test_nobody_can_try_values_out_against_a_digest_once_the_salt_is_gone",
        ),
    ),
    Mutant(
        "an erasure destroys the values",
        "earnest.book.erasing:clear",
        "_values(each).delete()",
        "pass",
        (
            "book/test_forgetting.py::test_what_was_erased_after_the_backup_is_erased_again_from_the_mirror_alone",
        ),
    ),
    Mutant(
        "what is needed is not erased",
        "earnest.core.commands.erase:Erase._check_may",
        "if holder == state.holder and (alive or state.owed_back() or customer_accounts(state)):",
        "if False:",
        (f"{ERASURE}::test_nothing_is_erased_while_the_reservation_lives_or_money_is_owed",),
    ),
    # --- who signs beside the log
    Mutant(
        "a stamp answers our own request",
        "earnest.rails.tsa:ask",
        "asked.nonce is None or stamp.nonce != asked.nonce",
        "False",
        (f"{TSA}::test_a_stamp_for_another_request_is_refused",),
    ),
    Mutant(
        "a stamp is by the authority that is expected",
        "earnest.rails.tsa:ask",
        "checked.name is None",
        "False",
        (f"{TSA}::test_a_stamp_by_another_certificate_is_refused",),
    ),
    Mutant(
        "a stamp of other bytes is none",
        "earnest.record.stamp:check_stamp",
        "token.stamp.hashed != hashlib.new(token.stamp.hash, message).digest()",
        "False",
        (f"{TSA}::test_a_stamp_of_other_bytes_is_refused",),
    ),
    Mutant(
        "a cosignature has a time that calendars show",
        "earnest.rails.witnesses:ask",
        " and 0 < at <= MAX_TIME",
        "",
        ("outside/test_witness_client.py::test_what_is_no_cosignature_of_it_is_not_taken",),
        only="in the year 10000",
    ),
    Mutant(
        "leaves are for auditors",
        "earnest.web.record.views:leaves",
        "if api_keys.AUDIT not in key.scopes:",
        "if False:",
        ("faces/test_record_leaves.py::test_leaves_are_for_keys_of_auditors",),
    ),
    Mutant(
        "leaves are for whom we know",
        "earnest.web.record.views:leaves",
        "if key is None:",
        "if False:",
        ("faces/test_record_leaves.py::test_leaves_are_for_keys_of_auditors",),
    ),
    Mutant(
        "each read of leaves is written down",
        "earnest.web.record.views:leaves",
        "models.LeafRead.objects.create(api_key=key, start=start, end=end, at=clock.now())",
        "pass",
        ("faces/test_record_leaves.py::test_each_read_is_written_down",),
    ),
    # --- the auditor
    Mutant(
        "what a seal names is the checkpoint before it",
        "earnest.audit.auditor:Auditor._anchor",
        "(named.size, named.root) != (before.sealed_size, before.sealed_root)",
        "False",
        (f"{AUDITOR}::test_an_anchor_that_names_a_fork_of_the_same_size",),
    ),
    Mutant(
        "an older checkpoint is held against what was replayed",
        "earnest.audit.auditor:Auditor._older",
        "if beginning.root() != checkpoint.root:",
        "if False:",
        (f"{AUDITOR}::test_a_fork_at_the_size_that_was_replayed_and_at_an_earlier_one",),
    ),
    Mutant(
        "what did not hold is kept",
        "earnest.audit.auditor:Auditor._found",
        "self.finding.write(error, note)",
        "pass",
        (f"{AUDITOR}::test_what_did_not_hold_is_not_forgotten",),
    ),
    Mutant(
        "a log that went back is none",
        "earnest.audit.auditor:Auditor._follow",
        "if checkpoint.size < size:",
        "if False:",
        ("outside/test_auditor.py::test_a_log_that_went_back_is_refused",),
    ),
    # --- money
    Mutant(
        "a payment is taken once by its reservation",
        "earnest.book.loading:Loader.check_claims",
        "if taker == key:",
        "if False:",
        ("book/test_claims.py::test_a_payment_is_taken_once_by_whomever",),
    ),
    Mutant(
        "a payment is taken by one number",
        "earnest.book.loading:Loader.check_claims",
        "if taker is not None:",
        "if False:",
        ("book/test_claims.py::test_a_payment_is_taken_once_by_whomever",),
    ),
    Mutant(
        "one idempotency key is one request",
        "earnest.book.door:_again",
        "if body_hash != idempotency.body_hash:",
        "if False:",
        (
            "faces/test_api.py::test_the_same_key_and_body_is_answered_the_same_and_another_body_is_a_conflict",
        ),
    ),
    Mutant(
        "a request that was answered is not carried out again",
        "earnest.book.door:_decide",
        "if known:",
        "if False:",
        (
            "faces/test_api.py::test_the_same_key_and_body_is_answered_the_same_and_another_body_is_a_conflict",
        ),
    ),
    Mutant(
        "a refund is asked for while it is owed",
        "earnest.core.commands.refund:may_be_sent",
        "if refund.status != OWED:",
        "if False:",
        ("core/test_rules.py::test_a_refund_is_asked_for_once",),
    ),
    Mutant(
        "news of an older attempt is old news",
        "earnest.core.commands.report_refund:ReportRefund.decide",
        "if self.attempt != refund.attempt:",
        "if False:",
        ("core/test_rules.py::test_old_news_and_double_news_change_nothing",),
    ),
    Mutant(
        "a refund that was sent is not sent again",
        "earnest.core.commands.report_refund:ReportRefund._sent",
        "if refund.status not in _ASKED:",
        "if False:",
        ("core/test_rules.py::test_old_news_and_double_news_change_nothing",),
    ),
    Mutant(
        "the same payment said twice came once",
        "earnest.core.commands.receive_deposit:ReceiveDeposit.decide",
        "if world.the_reservation().paid_by(self.paid.rail, self.paid.reference.strip()):",
        "if False:",
        ("core/test_rules.py::test_the_same_payment_said_twice_came_once",),
    ),
    Mutant(
        "an amount is more than nothing",
        "earnest.core.commands.receive_deposit:receive",
        "not 0 < paid.amount_minor <= MAX_MINOR",
        "not paid.amount_minor <= MAX_MINOR",
        ("core/test_rules.py::test_nothing_and_less_are_no_payment",),
    ),
    Mutant(
        "what was over goes back",
        "earnest.core.commands.receive_deposit:receive",
        "if excess:",
        "if False:",
        ("core/test_rules.py::test_too_much_goes_straight_back",),
    ),
    Mutant(
        "entries are of two accounts and more than nothing",
        "earnest.core.entries:from_text",
        "raise ValueError(",
        "str(",
        ("core/test_tables.py::test_entries_have_one_text",),
    ),
    Mutant(
        "what came of an asking is taken once",
        "earnest.core.commands.base:Chapter._end_asking",
        "if refund and refund.asked_seq is not None:",
        "if False:",
        ("book/test_refund_races.py::test_each_guard_alone_stops_the_others",),
        only="answered-claim",
    ),
    Mutant(
        "who proposed to give many up does not confirm it",
        "earnest.core.commands.give_up:ConfirmGiveUp.decide",
        "if not self.person or self.person == found.by:",
        "if False:",
        (f"{GIVING_UP}::test_above_the_limit_another_operator_confirms",),
    ),
    Mutant(
        "no more is confirmed than was proposed",
        "earnest.core.commands.give_up:ConfirmGiveUp.decide",
        "if any(minor > found.totals.get(currency, 0) for currency, minor in held.sums.items()):",
        "if False:",
        (f"{GIVING_UP}::test_what_was_proposed_is_the_most_that_is_confirmed",),
    ),
    Mutant(
        "what has ended is not given up again",
        "earnest.core.commands.give_up:GiveUpPlace.decide",
        "state.status not in LIVING or ",
        "",
        (f"{GIVING_UP}::test_given_up_once_it_is_over_whoever_asks_again",),
    ),
    Mutant(
        "a story names nobody else who was given up with it",
        "earnest.book.reads:reading_written",
        'ring.without("identity")',
        "ring",
        (f"{GIVING_UP}::test_nobodys_story_names_the_others_who_were_given_up_with_it",),
    ),
    Mutant(
        "who proposed a correction does not confirm it",
        "earnest.core.commands.correct_deposit:ConfirmCorrection.decide",
        "if not self.person or self.person == found.by:",
        "if False:",
        (f"{CORRECTING}::test_above_the_limit_another_operator_confirms",),
    ),
    Mutant(
        "a deposit is corrected once",
        "earnest.core.commands.correct_deposit:_wrong",
        "if world.claimed or payment.reversed_minor or payment.receivable_minor:",
        "if False:",
        (f"{CORRECTING}::test_what_cannot_be_corrected",),
    ),
    Mutant(
        "what is being paid back is not corrected",
        "earnest.core.commands.correct_deposit:_wrong",
        "if any(each.payment == seq and each.status in ASKED_FOR for each in state.refunds):",
        "if False:",
        (
            f"{CORRECTING}::test_what_was_owed_back_of_it_is_owed_no_more_and_what_was_paid_back_its_holder_owes",
        ),
    ),
    Mutant(
        "a sum that a statement told of stays",
        "earnest.core.commands.correct_deposit:ProposeCorrection.decide",
        "if _told_by_bank(world, self.payment) and right != payment.amount_minor:",
        "if False:",
        (
            "outside/test_bank_import.py::test_the_sum_that_a_statement_told_of_is_right_and_whose_it_is_can_be_wrong",
        ),
    ),
    # --- another holder
    Mutant(
        "of another holder only the contract is open",
        "earnest.book.chapters:Ring.for_eyes_of",
        'keys[cls] if cls == "money" else None',
        "keys[cls]",
        (f"{PASSING}::test_each_holders_story_opens_their_own_and_verifies_whole",),
    ),
    Mutant(
        "a link is bound to who held it",
        "earnest.book.links:read",
        "return link if link.holder == holders.current(number) else None",
        "return link",
        (f"{PASSING}::test_the_earlier_holders_links_open_nothing_any_more",),
    ),
    Mutant(
        "nothing goes to an earlier holder's card without both",
        "earnest.core.reservation:Reservation.passed_on",
        "and not each.means",
        "and False",
        (f"{PASSING}::test_what_the_new_holder_pays_goes_back_to_their_own_card",),
    ),
    Mutant(
        "both must have said so",
        "earnest.core.commands.pass_on:ChangeHolder.decide",
        "self.means and passing.means",
        "self.means or passing.means",
        (f"{PASSING}::test_a_refund_goes_to_the_earlier_holders_card_only_if_both_said_so",),
    ),
    Mutant(
        "an account of the earlier holder is not the new one's",
        "earnest.core.reservation:_holder_changed",
        "replace(each, details=ERASED)",
        "each",
        (f"{PASSING}::test_the_earlier_holders_account_is_not_paid_and_the_new_ones_first_is_trusted",),
    ),
    Mutant(
        "an offer is taken once, by its newest link",
        "earnest.core.commands.pass_on:open_offer",
        "if passing is None or passing.seq != offered or passing.until <= world.now:",
        "if passing is None:",
        (
            f"{PASSING}::test_an_offer_is_taken_once_and_by_its_newest_link",
            f"{PASSING}::test_an_offer_ends_after_fourteen_days",
        ),
    ),
    Mutant(
        "an erasure takes one holder's and leaves the other's",
        "earnest.book.erasing:_values",
        "since, until = holders.span(gone.subject, gone.holder)",
        "since, until = 0, None",
        (f"{PASSING}::test_the_earlier_holder_is_forgotten_while_it_lives_and_the_present_one_is_not",),
    ),
)
