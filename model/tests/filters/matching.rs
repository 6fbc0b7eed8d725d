//! The matcher, held against the meaning word by word.

use proptest::prelude::*;
use tenon_model::{Comparison, Condition, Entity, Extension, Filter, Matcher, MatcherError, Value};

use crate::reference;
use crate::strategies::{known_condition, known_filter, record};

fn matches(filter: Filter, record: &Entity) -> bool {
    Matcher::new(&filter).unwrap().matches(record)
}

/// The same condition with another comparison.
fn with(condition: &Condition, comparison: Comparison) -> Filter {
    Filter::Condition(Condition {
        comparison,
        ..condition.clone()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_matcher_does_what_the_words_say(filter in known_filter(), records in prop::collection::vec(record(), 1..4)) {
        let matcher = Matcher::new(&filter).unwrap();
        for record in &records {
            prop_assert_eq!(matcher.matches(record), reference::matches(&filter, record), "{:?}", record);
        }
    }

    #[test]
    fn a_condition_does_what_its_words_say(condition in known_condition(), record in record()) {
        let filter = Filter::Condition(condition);
        let expected = reference::matches(&filter, &record);
        prop_assert_eq!(matches(filter, &record), expected);
    }

    #[test]
    fn none_of_is_the_exact_complement(filter in known_filter(), record in record()) {
        let answer = matches(filter.clone(), &record);
        prop_assert_eq!(matches(Filter::NoneOf(vec![filter]), &record), !answer);
    }

    #[test]
    fn not_equal_and_not_one_of_are_exact_complements(condition in known_condition(), record in record()) {
        let single = Condition { operands: condition.operands.iter().take(1).cloned().collect(), ..condition };
        prop_assert_ne!(
            matches(with(&single, Comparison::OneOf), &record),
            matches(with(&single, Comparison::NotOneOf), &record)
        );
        if single.operands.len() == 1 {
            prop_assert_ne!(
                matches(with(&single, Comparison::Equal), &record),
                matches(with(&single, Comparison::NotEqual), &record)
            );
        }
    }

    #[test]
    fn not_like_is_the_complement_for_text(pattern in "[aA%_]{0,4}", text in "[abA]{0,4}") {
        let record = Entity::new().with("a", text);
        for (positive, negative) in [
            (Comparison::Like, Comparison::NotLike),
            (Comparison::Ilike, Comparison::NotIlike),
        ] {
            prop_assert_ne!(
                matches(Filter::compare("a", positive, pattern.as_str()), &record),
                matches(Filter::compare("a", negative, pattern.as_str()), &record)
            );
        }
    }
}

#[test]
fn a_matcher_follows_properties_that_change_their_place() {
    let matcher = Matcher::new(&Filter::equal("b", 1)).unwrap();
    assert!(matcher.matches(&Entity::new().with("a", 0).with("b", 1)));
    assert!(matcher.matches(&Entity::new().with("b", 1).with("a", 0)));
    assert!(!matcher.matches(&Entity::new().with("a", 1)));
    assert!(matcher.matches(&Entity::new().with("a", 0).with("c", 0).with("b", 1)));
}

#[test]
fn what_has_no_meaning_here_is_told_from_what_has_none_at_all() {
    let extension = Filter::Extension(Extension {
        name: "text-search".to_owned(),
        property: "a".to_owned(),
        path: vec![],
        operands: vec![],
    });
    let error = Matcher::new(&Filter::NoneOf(vec![extension])).unwrap_err();
    assert!(matches!(error, MatcherError::Unsupported(_)), "{error}");
    for (comparison, operands) in [
        (Comparison::Matches, vec![Value::from("(")]),
        (Comparison::Like, vec![Value::from("\\")]),
        (Comparison::Like, vec![Value::from(5)]),
        (Comparison::Exists, vec![Value::from(5)]),
        (Comparison::Equal, vec![]),
        (Comparison::Between, vec![Value::Null]),
        (Comparison::Near, vec![Value::from("0,0")]),
    ] {
        let filter = Filter::Condition(Condition {
            property: "a".to_owned(),
            path: vec![],
            comparison,
            operands,
        });
        let error = Matcher::new(&filter).unwrap_err();
        assert!(matches!(error, MatcherError::Invalid(_)), "{error}");
    }
}

#[test]
fn json_that_is_none_has_nothing_inside() {
    let record = Entity::new().with("j", Value::Json("{\"a\": ".to_owned()));
    let filter = Filter::Condition(Condition {
        property: "j".to_owned(),
        path: vec!["a".to_owned()],
        comparison: Comparison::Equal,
        operands: vec![Value::Null],
    });
    assert!(matches(filter, &record));
}

#[test]
fn a_matcher_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Matcher>();
}
