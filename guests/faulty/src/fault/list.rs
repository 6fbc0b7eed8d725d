//! The list of faults: a sentence, a case, and a name each. A new one goes where its theme is.

use super::Theme;

faults! {
    Filter {
        /// `not-equal` leaves out null and absent values.
        NotEqualMissesNulls "not-equal-misses-nulls"
        /// `not-one-of` leaves out null and absent values.
        NotOneOfMissesNulls "not-one-of-misses-nulls"
        /// `not-one-of` is done as `one-of`.
        NotOneOfIsOneOf "not-one-of-is-one-of"
        /// `between` leaves out its bounds.
        BetweenIsExclusive "between-is-exclusive"
        /// `between` leaves out what equals its second operand.
        BetweenMissesItsUpperBound "between-misses-its-upper-bound"
        /// `less-or-equal` is done as `less`.
        LessOrEqualIsLess "less-or-equal-is-less"
        /// `less` is done as `less-or-equal`.
        LessIsLessOrEqual "less-is-less-or-equal"
        /// `greater-or-equal` is done as `greater`.
        GreaterOrEqualIsGreater "greater-or-equal-is-greater"
        /// `greater` is done as `greater-or-equal`.
        GreaterIsGreaterOrEqual "greater-is-greater-or-equal"
        /// `less` holds for null and absent values, as if they were the least.
        LessMatchesNulls "less-matches-nulls"
        /// `one-of` leaves out its last operand, if it has several.
        OneOfMissesItsLast "one-of-misses-its-last"
        /// A null among the operands of `one-of` matches nothing.
        OneOfMissesNulls "one-of-misses-nulls"
        /// `one-of` without operands matches everything.
        EmptyOneOfMatchesAll "empty-one-of-matches-all"
        /// `not-one-of` without operands matches nothing.
        EmptyNotOneOfMatchesNone "empty-not-one-of-matches-none"
        /// `equal` with null leaves out absent properties.
        EqualNullMissesAbsent "equal-null-misses-absent"
        /// `equal` takes upper and lower case for the same.
        EqualIgnoresCase "equal-ignores-case"
        /// `equal` with an empty text matches null and absent values too.
        EmptyTextEqualsNull "empty-text-equals-null"
        /// `equal` with false matches null and absent values too.
        FalseEqualsNull "false-equals-null"
        /// `like` takes upper and lower case for the same.
        LikeIgnoresCase "like-ignores-case"
        /// `ilike` is done as `like`.
        IlikeMindsCase "ilike-minds-case"
        /// `ilike` takes upper and lower case for the same from a to z alone.
        IlikeFoldsAsciiOnly "ilike-folds-ascii-only"
        /// `like` is content with a part of the value.
        LikeIsUnanchored "like-is-unanchored"
        /// `_` in a pattern stands for any run of characters.
        UnderscoreIsPercent "underscore-is-percent"
        /// `\` in a pattern escapes nothing.
        LikeEscapeIsIgnored "like-escape-is-ignored"
        /// `not-like` holds for null and absent values.
        NotLikeMatchesNulls "not-like-matches-nulls"
        /// The flags in front of a regular expression are left out.
        RegexFlagsAreIgnored "regex-flags-are-ignored"
        /// A regular expression must match the whole value.
        RegexIsAnchored "regex-is-anchored"
        /// `exists` holds where the property is absent.
        ExistsIsInverted "exists-is-inverted"
        /// `exists` takes a null property for an absent one.
        ExistsMissesNulls "exists-misses-nulls"
        /// `contains` holds only for an array of that one element.
        ContainsIsEqual "contains-is-equal"
        /// A condition's path is left out.
        PathIsIgnored "path-is-ignored"
        /// A path that meets an array looks into its first element alone.
        PathSeesFirstElement "path-sees-first-element"
        /// `all-of` of several is done as `any-of`.
        AllOfIsAnyOf "all-of-is-any-of"
        /// `any-of` of several is done as `all-of`.
        AnyOfIsAllOf "any-of-is-all-of"
        /// `none-of` of several holds unless all of them do.
        NoneOfIsNotAllOf "none-of-is-not-all-of"
        /// `any-of` of none is true.
        EmptyAnyOfMatchesAll "empty-any-of-matches-all"
        /// Of several conditions on one property in an `all-of`, the last alone counts.
        SecondConditionWins "second-condition-wins"
        /// What is nested deeper than two levels in a filter is left out.
        DeepFilterIsDropped "deep-filter-is-dropped"
        /// The hundred-and-first record and all after it match every filter.
        OnlyTheFirstHundredAreFiltered "only-the-first-hundred-are-filtered"
        /// A condition that isn't known is left out of the filter.
        UnknownConditionIsIgnored "unknown-condition-is-ignored"
        /// `near` doesn't mind its least distance.
        NearIgnoresTheLeastDistance "near-ignores-the-least-distance"
        /// `near` doesn't mind its greatest distance.
        NearIgnoresTheGreatestDistance "near-ignores-the-greatest-distance"
        /// `near` measures on a map where a degree of longitude is as long everywhere.
        NearIsFlat "near-is-flat"
        /// Decimals are rounded to floats before they are compared.
        DecimalsComparedAsFloats "decimals-compared-as-floats"
        /// Integers are rounded to floats before they are compared.
        IntegersComparedAsFloats "integers-compared-as-floats"
        /// `greater`, `less` and the like compare numbers by their digits.
        NumbersComparedAsText "numbers-compared-as-text"
        /// `greater`, `less` and the like take upper and lower case for the same.
        TextComparedWithoutCase "text-compared-without-case"
        /// `greater`, `less` and the like compare text by UTF-16 units.
        TextComparedByUtf16 "text-compared-by-utf16"
        /// Timestamps are compared by their seconds.
        TimestampsComparedInSeconds "timestamps-compared-in-seconds"
        /// A timestamp among the operands is taken for an hour later.
        TimestampsComparedInLocalTime "timestamps-compared-in-local-time"
        /// `equal` minds the order of members in JSON.
        JsonComparedAsText "json-compared-as-text"
    }
    Order {
        /// Records are ordered by the first property of an order alone.
        SecondSortKeyIsIgnored "second-sort-key-is-ignored"
        /// `descending` counts for the first property of an order alone.
        SecondDescendingIsIgnored "second-descending-is-ignored"
        /// Every order is an ascending one.
        DescendingIsIgnored "descending-is-ignored"
        /// Records come as they are stored, and the order is said to be done.
        OrderIsIgnored "order-is-ignored"
        /// Null and absent values come after all others.
        NullsComeLast "nulls-come-last"
        /// Absent values come after all others, null ones first.
        AbsentComesLast "absent-comes-last"
        /// Null and absent values come first in a descending order too.
        DescendingKeepsNullsFirst "descending-keeps-nulls-first"
        /// An order's path is left out.
        OrderPathIsIgnored "order-path-is-ignored"
        /// Numbers are ordered by their digits.
        NumbersSortedAsText "numbers-sorted-as-text"
        /// Integers are rounded to floats before they are ordered.
        IntegersSortedAsFloats "integers-sorted-as-floats"
        /// Upper and lower case are the same to an order.
        TextSortedWithoutCase "text-sorted-without-case"
        /// Text is ordered by UTF-16 units.
        TextSortedByUtf16 "text-sorted-by-utf16"
        /// The first records are taken before they are ordered.
        LimitComesBeforeTheOrder "limit-comes-before-the-order"
        /// With an offset, records that only the key tells apart come in reverse.
        TiesDifferFromPageToPage "ties-differ-from-page-to-page"
        /// The nearest don't come first, and the order is said to be done.
        NearDoesNotOrder "near-does-not-order"
    }
    Pages {
        /// A limit lets one more record through.
        LimitIsOneMore "limit-is-one-more"
        /// An offset leaves out one more record.
        OffsetIsOneMore "offset-is-one-more"
        /// Without a limit an offset is ignored.
        OffsetNeedsALimit "offset-needs-a-limit"
        /// A limit of 0 lets all records through.
        LimitZeroIsNoLimit "limit-zero-is-no-limit"
        /// Limit and offset are said to be done, and aren't.
        PagingIsClaimed "paging-is-claimed"
        /// The last row of the first page comes again with the second.
        RowComesTwice "row-comes-twice"
        /// The first row of the second page is left out.
        RowIsLost "row-is-lost"
        /// A page has one row more than was asked for, if there is one.
        MoreRowsThanAsked "more-rows-than-asked"
        /// A page is as large as its rows are.
        PageSizeIsIgnored "page-size-is-ignored"
        /// A last page that isn't full is left out, unless it is the only one.
        LastPageIsLost "last-page-is-lost"
        /// After the first page that is full comes the end.
        FullPageIsTheEnd "full-page-is-the-end"
        /// A cursor is at its end once another query is opened.
        SecondCursorEndsTheFirst "second-cursor-ends-the-first"
        /// A cursor is at its end once the session writes.
        WriteEndsACursor "write-ends-a-cursor"
        /// A null in a column is read as the value that stands there.
        NullsReadAsValues "nulls-read-as-values"
        /// An absent property in a column is read as null.
        AbsentReadAsNull "absent-read-as-null"
        /// In a page of columns the last column is one row behind.
        ColumnIsOutOfStep "column-is-out-of-step"
        /// Other properties than the fields come along, and the fields are said to be done.
        FieldsLeak "fields-leak"
        /// The last of the fields doesn't come.
        FieldsLoseTheLast "fields-lose-the-last"
        /// A query without a filter hands out a record of another model too.
        OtherModelsRowsAppear "other-models-rows-appear"
        /// A hint that isn't known is `invalid`.
        UnknownHintIsRefused "unknown-hint-is-refused"
    }
    Values {
        /// An empty text is stored as null.
        EmptyTextIsNull "empty-text-is-null"
        /// Text loses the white space at its ends.
        TextIsTrimmed "text-is-trimmed"
        /// Text loses what comes after 255 characters.
        TextIsCutAt255 "text-is-cut-at-255"
        /// Text loses what comes after a NUL character.
        TextEndsAtNul "text-ends-at-nul"
        /// A character beyond U+FFFF is stored as a question mark.
        TextLosesAstralCharacters "text-loses-astral-characters"
        /// A letter and its combining accent are stored as one character.
        TextIsNormalised "text-is-normalised"
        /// An integer is rounded to a float on its way.
        IntegersPassThroughFloats "integers-pass-through-floats"
        /// An integer loses what is beyond 32 bits.
        IntegersWrapAt32Bits "integers-wrap-at-32-bits"
        /// A boolean is stored as 0 or 1.
        BooleansAreIntegers "booleans-are-integers"
        /// A decimal is rounded to a float on its way.
        DecimalsPassThroughFloats "decimals-pass-through-floats"
        /// A decimal loses its digits after the thirtieth.
        DecimalsLoseDigits "decimals-lose-digits"
        /// A float is rounded to single precision.
        FloatsAreSingle "floats-are-single"
        /// A float loses its digits after the fifteenth.
        FloatsLoseDigits "floats-lose-digits"
        /// A timestamp is rounded up to milliseconds.
        TimestampsRoundUpToMilliseconds "timestamps-round-up-to-milliseconds"
        /// A timestamp is stored an hour later.
        TimestampsAreInLocalTime "timestamps-are-in-local-time"
        /// A timestamp before 1970 is rounded up to seconds.
        EarlyTimestampsLoseTheirFraction "early-timestamps-lose-their-fraction"
        /// A time of day loses its decimals.
        TimesLoseTheirFraction "times-lose-their-fraction"
        /// A UUID is stored in upper case.
        UuidsAreUpperCase "uuids-are-upper-case"
        /// No bytes are stored as null.
        EmptyBytesAreNull "empty-bytes-are-null"
        /// Bytes that are no UTF-8 are replaced.
        BytesAreText "bytes-are-text"
        /// Latitude and longitude are each stored as the other.
        PointIsSwapped "point-is-swapped"
        /// Large numbers in JSON are rounded to floats.
        JsonNumbersAreFloats "json-numbers-are-floats"
        /// What is deeper than eight levels in JSON becomes null.
        JsonIsCutDeep "json-is-cut-deep"
        /// A member of JSON that is null is lost.
        JsonLosesNullMembers "json-loses-null-members"
        /// `{"$decimal": "1.5"}` in JSON becomes the text alone.
        JsonTagsAreUnwrapped "json-tags-are-unwrapped"
        /// A null property of an open model is lost.
        NullIsStoredAsAbsent "null-is-stored-as-absent"
        /// An absent property that an open model declares is stored as null.
        AbsentIsStoredAsNull "absent-is-stored-as-null"
        /// A property that an open model doesn't declare is lost.
        UndeclaredIsLost "undeclared-is-lost"
        /// A value of a kind without a case of its own is stored as text.
        OtherIsText "other-is-text"
    }
    Writes {
        /// `create` replaces the record that has the key.
        CreateOverwrites "create-overwrites"
        /// `create` returns a generated key that is one too large.
        CreateReturnsAnotherKey "create-returns-another-key"
        /// `create` doesn't return the key that it generated.
        CreateReturnsNoKey "create-returns-no-key"
        /// A key that was given is replaced by a generated one, where there can be one.
        GivenKeyIsReplaced "given-key-is-replaced"
        /// A generated key is one more than the number of records.
        GeneratedKeyIsTheCount "generated-key-is-the-count"
        /// Where one record of a batch can't be stored, the ones before it are.
        CreateAllIsTorn "create-all-is-torn"
        /// `create-all` returns what was made in reverse order.
        CreateAllAnswersInReverse "create-all-answers-in-reverse"
        /// `create-all` leaves out records whose key is taken, and succeeds.
        CreateAllSkipsDuplicates "create-all-skips-duplicates"
        /// Every fiftieth record that a session creates isn't stored.
        FiftiethWriteIsLost "fiftieth-write-is-lost"
        /// A session's writes are seen by itself alone.
        WritesStayInTheSession "writes-stay-in-the-session"
        /// A session sees the changes of others only once it writes.
        ReadsAreStale "reads-are-stale"
        /// `save` creates the record where there is none.
        SaveCreates "save-creates"
        /// `save` keeps the properties that the new record lacks or has as null.
        SaveMerges "save-merges"
        /// `update-attributes` creates the record where there is none.
        UpdateAttributesCreates "update-attributes-creates"
        /// `update-attributes` removes the properties that it doesn't set.
        UpdateAttributesReplaces "update-attributes-replaces"
        /// `update-attributes` takes another key, and moves the record.
        UpdateAttributesChangesTheKey "update-attributes-changes-the-key"
        /// `update-attributes` changes the next record too.
        UpdateAttributesTouchesTheNext "update-attributes-touches-the-next"
        /// `update-attributes` with nothing to set is `invalid`.
        EmptyUpdateIsRefused "empty-update-is-refused"
        /// `update` doesn't count records that were so already.
        UpdateCountsChanges "update-counts-changes"
        /// `update` changes every record.
        UpdateIgnoresItsFilter "update-ignores-its-filter"
        /// `update` changes the first match, and counts all.
        UpdateChangesOne "update-changes-one"
        /// `update` is `unsupported`, and has been done.
        UpdateIsUnsupportedAndDone "update-is-unsupported-and-done"
        /// `destroy` says that there was a record, whether or not there was one.
        DestroyIsAlwaysTrue "destroy-is-always-true"
        /// `destroy` deletes also the records whose key begins with the given one.
        DestroyTakesWhatBeginsSo "destroy-takes-what-begins-so"
        /// `destroy-all` leaves the last match, and counts it.
        DestroyAllLeavesOne "destroy-all-leaves-one"
        /// `destroy-all` returns how many records there were.
        DestroyAllCountsAll "destroy-all-counts-all"
        /// `count` leaves out records that have a null.
        CountMissesNulls "count-misses-nulls"
        /// `count` is never more than 100.
        CountEndsAt100 "count-ends-at-100"
        /// `exists` is true of a record that the session has destroyed.
        ExistsAfterDestroy "exists-after-destroy"
        /// `find` gives a record that was destroyed, until the next write.
        FindSeesTheDestroyed "find-sees-the-destroyed"
        /// A unique index is asked for new records alone.
        UniqueIsNotCheckedOnUpdate "unique-is-not-checked-on-update"
        /// In a unique index null equals null.
        UniqueCountsNulls "unique-counts-nulls"
        /// A unique index compares the first of its properties alone.
        UniqueComparesTheFirst "unique-compares-the-first"
        /// In a unique index upper and lower case are the same.
        UniqueIgnoresCase "unique-ignores-case"
        /// A key of several properties is compared by its first alone.
        CompositeKeyComparesTheFirst "composite-key-compares-the-first"
        /// In keys upper and lower case are the same.
        KeysIgnoreCase "keys-ignore-case"
    }
    Errors {
        /// `update-attributes` of a record that isn't there succeeds.
        UpdateOfNothingIsDone "update-of-nothing-is-done"
        /// `save` of a record that isn't there succeeds.
        SaveOfNothingIsDone "save-of-nothing-is-done"
        /// `save` and `update-attributes` say `invalid` where there is no record.
        MissingRecordIsInvalid "missing-record-is-invalid"
        /// A key that is taken is said to be a `constraint`.
        DuplicateIsAConstraint "duplicate-is-a-constraint"
        /// A key that is taken is said to be a `backend` error.
        DuplicateIsABackendError "duplicate-is-a-backend-error"
        /// A record that is refused as `duplicate` is stored.
        DuplicateIsStored "duplicate-is-stored"
        /// A key that is taken is said to cost the session.
        DuplicateLosesTheSession "duplicate-loses-the-session"
        /// After a `duplicate` nobody is said to know what was changed.
        DuplicateLeavesAnUnknownEffect "duplicate-leaves-an-unknown-effect"
        /// A model that isn't defined is read as one without records.
        UndefinedModelIsEmpty "undefined-model-is-empty"
        /// A model that isn't defined is said to be a `backend` error.
        UndefinedModelIsABackendError "undefined-model-is-a-backend-error"
        /// A condition that isn't known is `invalid` where it is `unsupported`.
        UnknownConditionIsInvalid "unknown-condition-is-invalid"
        /// An `update` that fails keeps what it has changed so far.
        FailedUpdateStays "failed-update-stays"
        /// A value of the wrong kind is left out, and the call succeeds.
        WrongKindIsDropped "wrong-kind-is-dropped"
        /// Text beyond its length is cut, and the call succeeds.
        LongTextIsCut "long-text-is-cut"
        /// `create-all` of nothing ends the instance.
        EmptyBatchTraps "empty-batch-traps"
        /// The token is told in the message of a failed call.
        SecretIsTold "secret-is-told"
    }
    Lifecycle {
        /// Definitions are gone after `disconnect`.
        ModelsAreForgotten "models-are-forgotten"
        /// A model stays as it was defined first.
        RedefinitionIsIgnored "redefinition-is-ignored"
        /// A model that is defined again loses its records.
        RedefinitionWipes "redefinition-wipes"
        /// `ping` fails once a call has failed.
        PingFailsAfterAnError "ping-fails-after-an-error"
        /// `ping` begins a transaction.
        PingBeginsATransaction "ping-begins-a-transaction"
        /// `reset` leaves the transaction open.
        ResetKeepsTheTransaction "reset-keeps-the-transaction"
        /// `reset` forgets the definitions.
        ResetForgetsModels "reset-forgets-models"
        /// `connect` after `disconnect` begins with an empty folder.
        ReconnectLosesData "reconnect-loses-data"
        /// `disconnect` commits the open transaction.
        DisconnectCommits "disconnect-commits"
        /// An open transaction that ends with its session keeps others out.
        LockOutlivesTheSession "lock-outlives-the-session"
        /// `describe` says another version once the instance is initialized.
        DescribeVaries "describe-varies"
    }
    Upserts {
        /// `update-or-create` removes the properties that it doesn't set.
        UpdateOrCreateReplaces "update-or-create-replaces"
        /// `update-or-create` says of every record that it is new.
        UpdateOrCreateSaysCreated "update-or-create-says-created"
        /// `replace-or-create` keeps the properties that the new record lacks or has as null.
        ReplaceOrCreateMerges "replace-or-create-merges"
        /// `find-or-create` doesn't look before it creates.
        FindOrCreateCreates "find-or-create-creates"
        /// `find-or-create` changes what it finds.
        FindOrCreateUpdates "find-or-create-updates"
        /// `find-or-create` returns what it was given, not what it found.
        FindOrCreateReturnsTheData "find-or-create-returns-the-data"
        /// `upsert-where` changes the first of several matches.
        UpsertWhereTakesTheFirst "upsert-where-takes-the-first"
        /// An upsert by a unique index looks for the key.
        UpsertGoesByTheKey "upsert-goes-by-the-key"
        /// An upsert looks first, and writes later without looking again.
        UpsertIsNotAtomic "upsert-is-not-atomic"
        /// An upsert returns the properties that it was given alone.
        OutcomeIsNotWhole "outcome-is-not-whole"
    }
    Transactions {
        /// There is no transaction: every write is there for good at once.
        BeginDoesNothing "begin-does-nothing"
        /// `rollback` keeps the changes.
        RollbackCommits "rollback-commits"
        /// `rollback` doesn't bring back what was deleted.
        RollbackKeepsDeletions "rollback-keeps-deletions"
        /// `commit` stores all writes but the last.
        CommitLosesTheLastWrite "commit-loses-the-last-write"
        /// After a call that failed `commit` stores nothing, and succeeds.
        CommitAfterAnErrorRollsBack "commit-after-an-error-rolls-back"
        /// After a call that failed `commit` stores what came before it.
        CommitAfterAnErrorIsHalf "commit-after-an-error-is-half"
        /// Others see a transaction's changes before it commits.
        UncommittedIsSeen "uncommitted-is-seen"
        /// A transaction doesn't see its own changes.
        OwnWritesAreInvisible "own-writes-are-invisible"
        /// A read-only transaction writes.
        ReadOnlyIsNotEnforced "read-only-is-not-enforced"
        /// A read-only transaction sees what others commit meanwhile.
        SnapshotMoves "snapshot-moves"
        /// Transactions run side by side, and the last to commit undoes the others.
        UpdatesAreLost "updates-are-lost"
        /// `begin` within a transaction succeeds.
        NestedBeginIsAccepted "nested-begin-is-accepted"
        /// `commit` and `rollback` succeed without a transaction.
        CommitOfNothingIsDone "commit-of-nothing-is-done"
        /// A batch that fails in a transaction keeps its first records.
        FailureLeavesHalf "failure-leaves-half"
    }
    Schema {
        /// A plan that was applied is planned again.
        PlanNeverEnds "plan-never-ends"
        /// A column that no model mentions isn't planned to be dropped.
        PlanMissesADroppedColumn "plan-misses-a-dropped-column"
        /// `plan` does what it plans.
        PlanChangesAtOnce "plan-changes-at-once"
        /// A plan wants to drop collections that aren't mentioned.
        PlanDropsTheOthers "plan-drops-the-others"
        /// No step is said to be destructive.
        DestructiveIsNotSaid "destructive-is-not-said"
        /// Where a step fails, the ones before it stay, and nothing is said to be changed.
        ApplyTakesHalf "apply-takes-half"
        /// A new column costs the collection its records.
        AddedColumnWipes "added-column-wipes"
        /// The properties of a discovered key are in the order of their names.
        DiscoverReordersTheKey "discover-reorders-the-key"
        /// No discovered index is unique.
        DiscoverLosesUniqueness "discover-loses-uniqueness"
        /// No discovered index descends.
        DiscoverLosesDirection "discover-loses-direction"
        /// No discovered property is required.
        DiscoverLosesRequired "discover-loses-required"
        /// No discovered property has a length.
        DiscoverLosesLength "discover-loses-length"
        /// A discovered decimal is a float.
        DiscoverTurnsDecimalsIntoFloats "discover-turns-decimals-into-floats"
        /// A collection that isn't there is discovered as nothing.
        DiscoverOfNothingIsDone "discover-of-nothing-is-done"
        /// The last of the collections isn't listed.
        CollectionsMissesOne "collections-misses-one"
        /// `drop` removes the collection from the list, and keeps its records.
        DropLeavesTheRecords "drop-leaves-the-records"
    }
    Aggregates {
        /// A sum of integers is rounded to a float.
        SumPassesThroughFloats "sum-passes-through-floats"
        /// A sum beyond 64 bits wraps around.
        SumWraps "sum-wraps"
        /// A sum of no values is 0.
        SumOfNothingIsZero "sum-of-nothing-is-zero"
        /// A sum leaves out what is no number.
        SumSkipsText "sum-skips-text"
        /// An average loses its fraction.
        AverageIsWhole "average-is-whole"
        /// An average divides by all records, those without a value too.
        AverageCountsNulls "average-counts-nulls"
        /// `count` of a property counts null and absent values.
        CountCountsNulls "count-counts-nulls"
        /// A null or absent value is the minimum.
        MinimumIsNull "minimum-is-null"
        /// `distinct` is ignored.
        DistinctIsIgnored "distinct-is-ignored"
        /// `distinct` counts 1 and 1.0 as two.
        DistinctMindsTheCase "distinct-minds-the-case"
        /// A group of which a property is null is left out.
        GroupsWithoutAValueAreLost "groups-without-a-value-are-lost"
        /// Where nothing matches there is no row, whatever was asked.
        NothingHasNoRow "nothing-has-no-row"
        /// The order of groups is ignored.
        GroupOrderIsIgnored "group-order-is-ignored"
        /// The limit of groups is ignored.
        GroupLimitIsIgnored "group-limit-is-ignored"
        /// The offset of groups is ignored.
        GroupOffsetIsIgnored "group-offset-is-ignored"
        /// Every record is in a group.
        AggregateIgnoresItsFilter "aggregate-ignores-its-filter"
    }
    ReadModels {
        /// A read model's lock keeps nobody out.
        StoreLockIsNone "store-lock-is-none"
        /// The session that has a read model open can open it once more.
        StoreLockIsReentrant "store-lock-is-reentrant"
        /// All read models have one lock.
        StoreLockIsShared "store-lock-is-shared"
        /// A read model's lock is looked for, and taken a while later.
        StoreLockIsTakenLate "store-lock-is-taken-late"
        /// Closing a store keeps its lock.
        CloseKeepsTheLock "close-keeps-the-lock"
        /// Closing a store gives back every lock of the session.
        CloseGivesBackEveryLock "close-gives-back-every-lock"
        /// `reset` keeps the locks of open stores.
        ResetKeepsStoreLocks "reset-keeps-store-locks"
        /// `dispose` keeps the locks of open stores.
        DisposeKeepsStoreLocks "dispose-keeps-store-locks"
        /// `dispose` breaks the lock of each read model that the session was refused.
        DisposeBreaksOthersLocks "dispose-breaks-others-locks"
        /// Whoever is refused a read model breaks its lock.
        RefusalBreaksTheLock "refusal-breaks-the-lock"
        /// A read model that is open is `unavailable`.
        HeldLockIsUnavailable "held-lock-is-unavailable"
        /// `lock-age` is in seconds.
        LockAgeIsInSeconds "lock-age-is-in-seconds"
        /// The lock of a dropped read model is kept when it is closed.
        DropKeepsTheLock "drop-keeps-the-lock"
        /// A state's members are put upon those of the one before.
        StateIsMerged "state-is-merged"
        /// A state's numbers pass through floats.
        StateIsRounded "state-is-rounded"
        /// A state that is null is none.
        NullStateIsNone "null-state-is-none"
        /// A state is stored when the store is closed, and lost where it isn't.
        StateWaitsForTheClose "state-waits-for-the-close"
        /// A state of more than 100,000 bytes is cut.
        LongStateIsCut "long-state-is-cut"
        /// A state that is no JSON is refused, and there is none from then on.
        RefusedStateRemovesTheOld "refused-state-removes-the-old"
        /// Setting a state removes the tables.
        StateRemovesTables "state-removes-tables"
        /// Read models whose names differ in case alone are one.
        ReadModelsIgnoreCase "read-models-ignore-case"
        /// Read models whose names are alike in the first 30 letters are one.
        LongReadModelsMix "long-read-models-mix"
        /// Dropping a read model leaves its state.
        DropLeavesTheState "drop-leaves-the-state"
        /// Dropping a read model leaves its tables.
        DropLeavesTheTables "drop-leaves-the-tables"
        /// Dropping a read model removes those whose names begin with its own.
        DropRemovesOthers "drop-removes-others"
        /// Dropping a read model without data is `not-found`.
        DropOfNothingFails "drop-of-nothing-fails"
        /// Defining a table for the second time is refused, and removes its documents.
        SecondDefinitionWipes "second-definition-wipes"
        /// Defining a table for the second time is no error, and changes nothing.
        SecondDefinitionIsDone "second-definition-is-done"
        /// Defining a table for the second time is refused, and its fields count from then on.
        SecondDefinitionCounts "second-definition-counts"
        /// A document for a table that isn't there is dropped.
        UnknownTableSwallows "unknown-table-swallows"
        /// A table that isn't there is read as an empty one.
        UnknownTableIsEmpty "unknown-table-is-empty"
        /// All tables of a read model are found under the name of the first.
        TablesIgnoreTheirNames "tables-ignore-their-names"
        /// A field that the table doesn't have is left out of documents.
        UnknownFieldIsLeftOut "unknown-field-is-left-out"
        /// A field that the table doesn't have is null to filters.
        UnknownFieldIsNull "unknown-field-is-null"
        /// A field that the table doesn't have orders nothing.
        UnknownOrderIsIgnored "unknown-order-is-ignored"
        /// A document whose key is taken takes the other's place.
        TakenKeyIsOverwritten "taken-key-is-overwritten"
        /// A document whose key is taken is refused, and takes the other's place.
        RefusedDocumentIsStored "refused-document-is-stored"
        /// Keys that are equal numbers of different cases are two.
        NumberKeysMindTheirCase "number-keys-mind-their-case"
        /// Keys that differ in the space around them are one.
        DocumentKeysAreTrimmed "document-keys-are-trimmed"
        /// A document loses the fields that are null.
        DocumentsLoseNulls "documents-lose-nulls"
        /// A document's times lose what is below a millisecond.
        DocumentTimesAreCut "document-times-are-cut"
        /// An index keeps its numbers as floats.
        IndexedNumbersAreFloats "indexed-numbers-are-floats"
        /// `increment` sets its operand.
        IncrementReplaces "increment-replaces"
        /// `increment` of what isn't there does nothing.
        IncrementNeedsAValue "increment-needs-a-value"
        /// `increment` adds decimals as floats.
        IncrementPassesThroughFloats "increment-passes-through-floats"
        /// `increment` puts a text before the old one.
        IncrementPrepends "increment-prepends"
        /// `increment` appends a number to a text.
        IncrementAppendsNumbers "increment-appends-numbers"
        /// `increment` inside JSON is done to the first match alone.
        DeepIncrementIsDoneOnce "deep-increment-is-done-once"
        /// `unset` inside JSON removes the object around it.
        UnsetRemovesTheParent "unset-removes-the-parent"
        /// `unset` of a field leaves a null.
        UnsetLeavesNull "unset-leaves-null"
        /// `unset` of an element leaves a null in its place.
        UnsetElementLeavesNull "unset-element-leaves-null"
        /// `unset` of what isn't there is `not-found`.
        UnsetOfNothingFails "unset-of-nothing-fails"
        /// `set` inside JSON replaces the objects on the way.
        SetReplacesTheWay "set-replaces-the-way"
        /// `set` does nothing where something on the way is missing.
        SetMakesNothing "set-makes-nothing"
        /// `set` puts an object where a scalar is on the way.
        ScalarGivesWay "scalar-gives-way"
        /// `set` inserts before an element, and doesn't replace it.
        SetInsertsElements "set-inserts-elements"
        /// An index behind an array's end appends, however far it is.
        FarIndexAppends "far-index-appends"
        /// Edits are made in reverse.
        EditsAreReversed "edits-are-reversed"
        /// Of several edits of one field, the last alone is made.
        EditsAreMadeOnce "edits-are-made-once"
        /// `update` returns how many documents it has changed.
        StoreUpdateCountsChanges "store-update-counts-changes"
        /// `update` changes one match, and returns how many there are.
        UpdateStopsAtTheFirst "update-stops-at-the-first"
        /// An `update` that fails leaves the documents before the one that it fails on changed.
        FailedStoreUpdateStays "failed-store-update-stays"
        /// An `update` that gives a document a key that is taken removes the other.
        UpdateOverwritesKeys "update-overwrites-keys"
        /// `update` inserts where nothing matches, `upsert` or not.
        UpdateAlwaysInserts "update-always-inserts"
        /// An upsert inserts what is set, and not the filter's values.
        UpsertIgnoresTheFilter "upsert-ignores-the-filter"
        /// An upsert inserts the operands of every comparison.
        UpsertTakesEveryOperand "upsert-takes-every-operand"
        /// An upsert lets the filter's values win over those set.
        UpsertPrefersTheFilter "upsert-prefers-the-filter"
        /// An upsert that inserts returns 1.
        UpsertCountsItsInsert "upsert-counts-its-insert"
        /// An upsert whose key is taken takes the other's place.
        UpsertOverwrites "upsert-overwrites"
        /// An upsert inserts where only one document matches.
        UpsertNeedsTwo "upsert-needs-two"
        /// An upsert without a match inserts nothing.
        UpsertInsertsNothing "upsert-inserts-nothing"
        /// `delete` leaves the last match.
        DeleteLeavesOne "delete-leaves-one"
        /// `delete` returns how many documents are left.
        DeleteCountsTheRest "delete-counts-the-rest"
        /// `delete` is undone when the store is closed.
        DeleteIsUndone "delete-is-undone"
        /// `find` ignores the order, and claims it.
        FindIgnoresTheOrder "find-ignores-the-order"
        /// `find` ignores every property of the order but the first.
        FindOrdersByTheFirst "find-orders-by-the-first"
        /// `find` ignores the offset.
        FindIgnoresTheOffset "find-ignores-the-offset"
        /// `find` cuts before it orders.
        FindCutsFirst "find-cuts-first"
        /// `find` hands out fields that were not asked for, and claims otherwise.
        FindLeaksFields "find-leaks-fields"
        /// `find` loses the last row of a result with several pages.
        FindLosesTheLast "find-loses-the-last"
        /// `find` claims to have filtered, and leaves out the second part of an `all-of`.
        FindFiltersByHalf "find-filters-by-half"
        /// `count` counts every document.
        CountIgnoresTheFilter "count-ignores-the-filter"
    }
}
