use super::*;
use proptest::prelude::*;

/// Quantities of a few kinds, so that two of them often share some.
fn units() -> impl Strategy<Value = Units> {
    proptest::collection::btree_map("[abc]", 0..9u32, 0..4).prop_map(|counts| Units::try_from(counts).expect("small"))
}

fn of(kind: &str, count: u32) -> Units {
    Units::of(kind, count).expect("possible")
}

proptest! {
    #[test]
    fn addition_is_commutative_and_associative_and_subtraction_undoes_it(a in units(), b in units(), c in units()) {
        let sum = a.checked_add(&b).expect("small");
        prop_assert_eq!(&sum, &b.checked_add(&a).expect("small"));
        prop_assert_eq!(sum.checked_add(&c), a.checked_add(&b.checked_add(&c).expect("small")));
        prop_assert_eq!(sum.checked_sub(&b), Some(a.clone()));
        prop_assert!(sum.covers(&a) && sum.covers(&b));
        prop_assert_eq!(a.checked_add(Units::NONE), Some(a));
    }

    #[test]
    fn subtraction_exists_exactly_where_one_covers_the_other(a in units(), b in units()) {
        prop_assert_eq!(a.checked_sub(&b).is_some(), a.covers(&b));
        prop_assert_eq!(a.covers(&b) && b.covers(&a), a == b);
        let beyond = a.saturating_sub(&b);
        prop_assert_eq!(beyond.checked_add(&a.min(&b)), Some(a.clone()));
        prop_assert_eq!(beyond.is_none(), b.covers(&a));
    }

    #[test]
    fn minimum_and_maximum_are_bounds_that_add_up(a in units(), b in units()) {
        let (min, max) = (a.min(&b), a.max(&b));
        prop_assert!(a.covers(&min) && b.covers(&min) && max.covers(&a) && max.covers(&b));
        prop_assert_eq!(min.checked_add(&max), a.checked_add(&b));
        prop_assert_eq!((&min, &max), (&b.min(&a), &b.max(&a)));
        prop_assert!([min, max].iter().all(|units| units.iter().all(|(_, count)| count > 0)));
    }
}

#[test]
fn zero_is_nothing() {
    assert_eq!(of("channel", 0), *Units::NONE);
    assert_eq!(of("channel", 0).to_string(), "nothing");
    assert_eq!(of("channel", 3).checked_add(&of("OBM", 1)).expect("small").to_string(), "1 OBM + 3 channel");
}

#[test]
fn sums_end_at_a_thousand_million_and_sixteen_kinds() {
    assert_eq!(of("a", COUNT_MAX).checked_add(&of("a", 1)), None);
    assert_eq!(of("a", COUNT_MAX - 1).checked_add(&of("a", 1)), Some(of("a", COUNT_MAX)));
    assert_eq!(Units::of("a", COUNT_MAX + 1), Err(UnitsError::Count(u64::from(COUNT_MAX) + 1)));
    let kinds = |len| Units::try_from((0..len).map(|at| (format!("k{at}"), 1)).collect::<BTreeMap<_, _>>());
    assert_eq!(kinds(KINDS_MAX + 1), Err(UnitsError::Kinds(KINDS_MAX + 1)));
    assert_eq!(kinds(KINDS_MAX).expect("sixteen").checked_add(&of("more", 1)), None);
}

#[test]
fn kinds_are_short_ascii_words() {
    for good in ["OBM", "named-user", "cal_2", &"k".repeat(KIND_LEN_MAX)] {
        assert_eq!(check_kind(good), Ok(()));
    }
    for wrong in ["", " ", "a b", "é", "a/b", &"k".repeat(KIND_LEN_MAX + 1)] {
        assert!(check_kind(wrong).is_err(), "{wrong:?}");
    }
}
