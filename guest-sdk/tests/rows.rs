//! Cursors: how rows become pages.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by it"
)]

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tenon_model::contract::{ColumnValues, Page};
use tenon_model::into_entities;
use tenon_sdk::{Entity, Error, Limits, PageBuilder, Progress, Result, Rows, Source};

fn number(number: i64) -> Entity {
    Entity::new().with("number", number)
}

fn numbers(rows: &[Entity]) -> Vec<i64> {
    rows.iter()
        .map(|row| row.get("number").unwrap().as_integer().unwrap())
        .collect()
}

fn next(rows: &mut Rows, max: u32) -> Option<Vec<i64>> {
    let page = rows.next(max, &Limits::default()).unwrap()?;
    Some(numbers(&into_entities(page).unwrap()))
}

#[test]
fn an_iterator_comes_in_pages_and_then_ends_for_good() {
    let mut rows = Rows::from_iter((1..=5).map(number));
    assert_eq!(next(&mut rows, 2), Some(vec![1, 2]));
    assert_eq!(next(&mut rows, 2), Some(vec![3, 4]));
    assert_eq!(next(&mut rows, 2), Some(vec![5]));
    assert_eq!(next(&mut rows, 2), None);
    assert_eq!(next(&mut rows, 2), None);
    rows.close().unwrap();
}

#[test]
fn pages_are_made_in_columns() {
    let mut rows = Rows::from_iter([number(1), number(2)]);
    let Some(Page::Columns(page)) = rows.next(10, &Limits::default()).unwrap() else {
        panic!("no page in columns");
    };
    assert_eq!(page.rows, 2);
    assert_eq!(page.columns[0].values, ColumnValues::Integers(vec![1, 2]));
}

#[test]
fn rows_with_little_in_common_are_not_made_into_columns_of_holes() {
    let mut rows = Rows::from_iter((0..100).map(|n| Entity::new().with(format!("p{n}"), n)));
    let page = rows.next(100, &Limits::default()).unwrap().unwrap();
    assert!(matches!(page, Page::Records(ref records) if records.len() == 100));
}

#[test]
fn a_page_stays_below_its_size_and_loses_no_row() {
    let limits = Limits {
        page_size: 1000,
        ..Limits::default()
    };
    let mut rows = Rows::from_iter((0..50).map(|n| number(n).with("text", "x".repeat(200))));
    let mut all = Vec::new();
    while let Some(page) = rows.next_rows(100, &limits).unwrap() {
        let size: usize = page
            .iter()
            .map(|row| row.get("text").unwrap().as_text().unwrap().len())
            .sum();
        assert!(size < 1000, "{size}");
        all.extend(numbers(&page));
    }
    assert_eq!(all, (0..50).collect::<Vec<_>>());
}

#[test]
fn a_row_that_is_too_large_for_any_page_comes_alone() {
    let limits = Limits {
        page_size: 100,
        ..Limits::default()
    };
    let large = |n| number(n).with("text", "x".repeat(500));
    let mut rows = Rows::from_iter([number(1), large(2), large(3), number(4)]);
    let mut pages = Vec::new();
    while let Some(page) = rows.next_rows(10, &limits).unwrap() {
        pages.push(numbers(&page));
    }
    assert_eq!(pages, [vec![1], vec![2], vec![3], vec![4]]);
}

#[test]
fn a_long_search_hands_out_an_empty_page_and_goes_on() {
    let search = (0..100_000).map(|n| Ok((n == 99_999).then(|| number(n))));
    let mut rows = Rows::searching(search);
    let mut empty = 0;
    loop {
        match next(&mut rows, 10) {
            Some(found) if found.is_empty() => empty += 1,
            other => {
                assert_eq!(other, Some(vec![99_999]));
                break;
            }
        }
    }
    assert!(empty >= 3, "{empty}");
    assert_eq!(next(&mut rows, 10), None);
}

#[test]
fn a_slow_search_is_interrupted_well_before_its_time_is_up() {
    let slow = (0..100_000).map(|_| {
        std::thread::sleep(Duration::from_millis(2));
        Ok(None)
    });
    let limits = Limits {
        call_timeout: Some(Duration::from_millis(400)),
        ..Limits::default()
    };
    let mut rows = Rows::searching(slow);
    let started = std::time::Instant::now();
    assert_eq!(rows.next_rows(10, &limits).unwrap(), Some(Vec::new()));
    assert!(started.elapsed() < Duration::from_millis(400));
}

#[test]
fn after_an_error_only_close_is_left() {
    let mut rows = Rows::try_from_iter([
        Ok(number(1)),
        Err(Error::unavailable("the backend is gone")),
    ]);
    assert_eq!(next(&mut rows, 1), Some(vec![1]));
    assert_eq!(
        rows.next_rows(1, &Limits::default()).unwrap_err().message,
        "the backend is gone"
    );
    assert!(rows.next_rows(1, &Limits::default()).is_err());
    rows.close().unwrap();
}

struct Backend(Rc<Cell<u32>>);

impl Source for Backend {
    fn fill(&mut self, page: &mut PageBuilder) -> Result<Progress> {
        page.push(number(1));
        page.push(number(2));
        Ok(Progress::More)
    }

    fn close(&mut self) -> Result<()> {
        self.0.set(self.0.get() + 1);
        Ok(())
    }
}

#[test]
fn a_source_is_closed_once_and_may_give_more_than_was_asked_for() {
    let closed = Rc::new(Cell::new(0));
    let mut rows = Rows::from_source(Backend(closed.clone()));
    assert_eq!(next(&mut rows, 1), Some(vec![1]));
    assert_eq!(next(&mut rows, 1), Some(vec![2]));
    assert_eq!(next(&mut rows, 1), Some(vec![1]));
    rows.close().unwrap();
    rows.close().unwrap();
    assert_eq!(closed.get(), 1);
    assert_eq!(next(&mut rows, 1), None);
}
