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
use tenon_sdk::{
    ColumnSource, CommandResult, Entity, Error, Limits, PageBuilder, PageColumns, PageSource,
    Progress, Result, RowColumn, Rows, Source,
};

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

/// Numbers with a text of their length, in columns.
struct Texts {
    numbers: std::ops::Range<i64>,
    length: usize,
    closed: Rc<Cell<u32>>,
}

impl ColumnSource for Texts {
    fn fill(&mut self, page: &mut PageColumns) -> Result<Progress> {
        while !page.is_full() {
            let Some(number) = self.numbers.next() else {
                return Ok(Progress::End);
            };
            page.look();
            let [first, second] = page.columns() else {
                return Err(Error::backend("there are two columns"));
            };
            first.integer(number);
            second.text(&"x".repeat(self.length));
            page.end_row();
        }
        Ok(Progress::More)
    }

    fn close(&mut self) -> Result<()> {
        self.closed.set(self.closed.get() + 1);
        Ok(())
    }
}

fn columns(names: &[&str]) -> Vec<RowColumn> {
    let column = |name: &&str| RowColumn {
        name: (*name).to_owned(),
        native_type: None,
    };
    names.iter().map(column).collect()
}

fn texts(numbers: std::ops::Range<i64>, length: usize) -> (Rows, Rc<Cell<u32>>) {
    let closed = Rc::new(Cell::new(0));
    let source = Texts {
        numbers,
        length,
        closed: Rc::clone(&closed),
    };
    (
        Rows::from_columns(columns(&["number", "text"]), source),
        closed,
    )
}

#[test]
fn columns_come_in_pages_and_then_end_for_good() {
    let (mut rows, closed) = texts(1..6, 1);
    assert_eq!(next(&mut rows, 2), Some(vec![1, 2]));
    let Some(Page::Columns(page)) = rows.next(2, &Limits::default()).unwrap() else {
        panic!("no page in columns");
    };
    assert_eq!(page.rows, 2);
    assert_eq!(page.columns[0].values, ColumnValues::Integers(vec![3, 4]));
    let row = rows.next_rows(2, &Limits::default()).unwrap().unwrap();
    assert_eq!(row, [number(5).with("text", "x")]);
    assert_eq!(next(&mut rows, 2), None);
    rows.close().unwrap();
    assert_eq!(closed.get(), 0, "there was nothing left to close");
}

#[test]
fn columns_that_are_closed_early_close_their_source_once() {
    let (mut rows, closed) = texts(1..6, 1);
    assert_eq!(next(&mut rows, 2), Some(vec![1, 2]));
    rows.close().unwrap();
    rows.close().unwrap();
    assert_eq!(closed.get(), 1);
    assert_eq!(next(&mut rows, 2), None);
}

#[test]
fn columns_stay_below_the_size_of_a_page_and_lose_no_row() {
    let limits = Limits {
        page_size: 1000,
        ..Limits::default()
    };
    for (length, rows_a_page) in [(200, 4), (975, 1), (5_000, 1)] {
        let (mut rows, _) = texts(0..20, length);
        let mut all = Vec::new();
        while let Some(page) = rows.next_rows(100, &limits).unwrap() {
            assert!(page.len() <= rows_a_page, "{length}: {}", page.len());
            assert!(!page.is_empty(), "{length}");
            all.extend(numbers(&page));
        }
        assert_eq!(all, (0..20).collect::<Vec<_>>(), "{length}");
    }
}

/// Looks at so many records, and finds the last one.
struct Search(u32);

impl ColumnSource for Search {
    fn fill(&mut self, page: &mut PageColumns) -> Result<Progress> {
        while !page.is_full() {
            page.look();
            self.0 -= 1;
            if self.0 == 0 {
                page.columns()[0].integer(7);
                page.end_row();
                return Ok(Progress::End);
            }
        }
        Ok(Progress::More)
    }
}

#[test]
fn a_long_search_in_columns_hands_out_empty_pages_and_goes_on() {
    let mut rows = Rows::from_columns(columns(&["number", "nothing"]), Search(100_000));
    let mut empty = 0;
    let found = loop {
        let page = rows.next_rows(10, &Limits::default()).unwrap().unwrap();
        if !page.is_empty() {
            break page;
        }
        empty += 1;
    };
    assert!(empty >= 3, "{empty}");
    // The column that got nothing is null.
    assert_eq!(found[0].get("nothing"), Some(&tenon_sdk::Value::Null));
    assert_eq!(next(&mut rows, 10), None);
}

struct Broken;

impl ColumnSource for Broken {
    fn fill(&mut self, _: &mut PageColumns) -> Result<Progress> {
        Err(Error::unavailable("the backend is gone"))
    }
}

#[test]
fn after_an_error_in_columns_only_close_is_left() {
    let mut rows = Rows::from_columns(columns(&["number"]), Broken);
    let error = rows.next(1, &Limits::default()).unwrap_err();
    assert_eq!(error.message, "the backend is gone");
    assert!(rows.next(1, &Limits::default()).is_err());
    rows.close().unwrap();
}

#[test]
fn a_commands_columns_that_share_a_name_keep_their_places() {
    let source = Texts {
        numbers: 0..2,
        length: 1,
        closed: Rc::default(),
    };
    let mut result = CommandResult::rows(Rows::from_columns(columns(&["id", "id"]), source));
    let Some(Page::Columns(page)) = result.next(10, &Limits::default()).unwrap() else {
        panic!("no page in columns");
    };
    let names: Vec<&str> = page
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["id", "id"]);
    assert_eq!(page.columns[0].values, ColumnValues::Integers(vec![0, 1]));
}

/// Pages of one number each, up to three.
struct Whole {
    given: i64,
    closed: Rc<Cell<u32>>,
}

impl PageSource for Whole {
    fn next(&mut self, _: u32, _: &Limits) -> Result<Option<Page>> {
        self.given += 1;
        let row = number(self.given).into_contract();
        Ok((self.given <= 3).then(|| Page::Records(vec![row])))
    }

    fn close(&mut self) -> Result<()> {
        self.closed.set(self.closed.get() + 1);
        Ok(())
    }
}

#[test]
fn whole_pages_go_out_as_they_are_until_their_end() {
    let closed = Rc::new(Cell::new(0));
    let whole = || {
        Rows::from_pages(Whole {
            given: 0,
            closed: closed.clone(),
        })
    };
    let mut rows = whole();
    let page = rows.next(9, &Limits::default()).unwrap();
    assert!(matches!(page, Some(Page::Records(rows)) if rows.len() == 1));
    assert_eq!(next(&mut rows, 9), Some(vec![2]));
    assert_eq!(next(&mut rows, 9), Some(vec![3]));
    assert_eq!(next(&mut rows, 9), None);
    assert_eq!(next(&mut rows, 9), None);
    rows.close().unwrap();
    assert_eq!(closed.get(), 0, "it came to its end by itself");
    let mut rows = whole();
    rows.next(9, &Limits::default()).unwrap();
    rows.close().unwrap();
    assert_eq!((closed.get(), next(&mut rows, 9)), (1, None));
}
