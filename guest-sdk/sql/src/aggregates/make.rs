//! Results out of a statement's rows, and what of their order is left to be done.

use tenon_model::{PropertyType, RowOrder, Value, coerce, exact_average};
use tenon_sdk::{Entity, Error, Limits, PageBuilder, Progress, Result, Rows, Source};

/// How many groups are sorted here, at most: each is a record in the connector's memory.
const MOST_GROUPS: usize = 50_000;

/// How many rows are asked of the driver at once.
const PAGE: u32 = 1_000;

/// The less significant half of 64 bits.
const LOW_HALF: i128 = 0xffff_ffff;

/// How a result is made of a row's values, which it takes one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Making {
    /// The next value.
    Value,
    /// A decimal, as an integer where it is one of 64 bits.
    WholeSum,
    /// Two halves of a sum of integers.
    Halves,
    /// A float that is finite.
    Float,
    /// An exact sum, and a count.
    Average,
    /// Two halves of a sum, and a count.
    HalvesAverage,
    /// A sum of floats, and a count.
    FloatAverage,
}

/// The order and part of the groups that are left to be done here.
pub(super) struct Rest {
    pub order: RowOrder,
    pub offset: u64,
    pub limit: Option<u64>,
}

fn strange() -> Error {
    Error::backend("the database answered an aggregate with a value of another kind")
}

/// Makes the results of rows.
pub(super) struct Maker {
    pub results: Vec<(String, Making)>,
}

impl Maker {
    fn row(&self, row: Entity) -> Result<Entity> {
        let mut values = row.into_iter().map(|(_, value)| value);
        let mut made = Vec::with_capacity(self.results.len());
        for (name, making) in &self.results {
            made.push((name.clone(), make(*making, &mut values)?));
        }
        Ok(Entity::from(made))
    }
}

fn make(making: Making, values: &mut impl Iterator<Item = Value>) -> Result<Value> {
    let first = values.next().ok_or_else(strange)?;
    let count = |value: Option<Value>| match value {
        Some(Value::Integer(count)) => u64::try_from(count).map_err(|_| strange()),
        _ => Err(strange()),
    };
    Ok(match making {
        Making::Value => first,
        Making::WholeSum => whole(first),
        Making::Halves => halves(first, values.next())?,
        Making::Float => finite(first)?,
        Making::Average => average(&first, count(values.next())?)?,
        Making::HalvesAverage => {
            let sum = halves(first, values.next())?;
            average(&sum, count(values.next())?)?
        }
        Making::FloatAverage => {
            let count = count(values.next())?;
            match finite(first)? {
                Value::Float(sum) => finite(Value::from(sum / count as f64))?,
                null => null,
            }
        }
    })
}

/// A sum of integers: an integer as far as 64 bits hold it.
fn whole(sum: Value) -> Value {
    match coerce(sum.clone(), PropertyType::Integer) {
        Ok(integer) => integer,
        Err(_) => sum,
    }
}

fn halves(high: Value, low: Option<Value>) -> Result<Value> {
    match (high, low) {
        (Value::Null, Some(Value::Null)) => Ok(Value::Null),
        (Value::Integer(high), Some(Value::Integer(low))) => {
            let sum = i128::from(high) * (LOW_HALF + 1) + i128::from(low);
            Ok(match i64::try_from(sum) {
                Ok(sum) => Value::Integer(sum),
                Err(_) => Value::Decimal(sum.to_string()),
            })
        }
        _ => Err(strange()),
    }
}

fn finite(value: Value) -> Result<Value> {
    match value {
        Value::Float(_) | Value::Null => Ok(value),
        Value::Other(_) => Err(Error::invalid("a sum is beyond the greatest float")),
        _ => Err(strange()),
    }
}

fn average(sum: &Value, count: u64) -> Result<Value> {
    if sum.is_null() {
        return Ok(Value::Null);
    }
    let average = exact_average(sum, count);
    average
        .map(Value::Float)
        .ok_or_else(|| Error::invalid("an average is beyond the greatest float"))
}

/// Rows whose results are made on their way.
pub(super) struct Made {
    pub rows: Rows,
    pub maker: Maker,
}

impl Source for Made {
    fn fill(&mut self, page: &mut PageBuilder) -> Result<Progress> {
        let Some(rows) = self.rows.next_rows(PAGE, &Limits::default())? else {
            return Ok(Progress::End);
        };
        for row in rows {
            page.look();
            page.push(self.maker.row(row)?);
        }
        Ok(Progress::More)
    }

    fn close(&mut self) -> Result<()> {
        self.rows.close()
    }
}

/// The groups in an order that is made here, and the part of them that is wanted.
pub(super) fn sorted(mut rows: Rows, maker: &Maker, rest: &Rest) -> Result<Rows> {
    let mut groups = Vec::new();
    while let Some(page) = rows.next_rows(PAGE, &Limits::default())? {
        for row in page {
            groups.push(maker.row(row)?);
        }
        if groups.len() > MOST_GROUPS {
            rows.close()?;
            return Err(Error::unsupported(format!(
                "more than {MOST_GROUPS} groups are to be sorted by what the database can't sort by"
            )));
        }
    }
    rows.close()?;
    groups.sort_by(|left, right| rest.order.compare(left, right));
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let part = groups
        .into_iter()
        .skip(size(rest.offset))
        .take(rest.limit.map_or(usize::MAX, size));
    Ok(Rows::from_iter(part))
}
