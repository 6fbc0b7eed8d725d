//! The capability `aggregates`: `GROUP BY`, where what comes of it is exact.
//!
//! Some results are put together here: an average is an exact sum by a count, a sum that the backend would let overflow is
//! two halves. An order that only such a result has is made here too, of groups that are few enough.

use tenon_model::contract::AggregateRequest;
use tenon_model::{
    AggregateFunction, Filter, PropertyType, RowOrder, Value, coerce, exact_average,
};
use tenon_sdk::{
    Aggregate, Aggregates, Entity, Error, Limits, PageBuilder, Progress, Result, Rows, SortKey,
    Source,
};

use crate::rows::computed;
use crate::select::direction;
use crate::write::where_whole;
use crate::{
    Column, Dialect, Driver, Equality, Extreme, Part, ResultColumn, Sql, Statement, Summing, Table,
    Writer,
};

/// How many groups are sorted here, at most: each is a record in the connector's memory.
const MOST_GROUPS: usize = 50_000;

/// How many rows are asked of the driver at once.
const PAGE: u32 = 1_000;

/// The less significant half of 64 bits.
const LOW_HALF: i128 = 0xffff_ffff;

/// How a result is made of a row's values, which it takes one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Making {
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

/// What a request is answered by.
struct Plan {
    statement: Statement,
    columns: Vec<ResultColumn>,
    results: Vec<(String, Making)>,
    /// The order and part that are left to be done here.
    rest: Option<Rest>,
}

struct Rest {
    order: RowOrder,
    offset: u64,
    limit: Option<u64>,
}

/// A request being turned into a statement.
struct Planner<'a, D> {
    table: &'a Table,
    dialect: &'a D,
    columns: Vec<ResultColumn>,
    results: Vec<(String, Making)>,
    /// The place of each result's first column, from 1, and what it is of.
    places: Vec<(u64, Option<&'a Column>)>,
}

impl<'a, D: Dialect + crate::SchemaDialect> Planner<'a, D> {
    fn plan(mut self, request: &'a AggregateRequest) -> Result<Plan> {
        let filter = Filter::from_nodes(&request.filter)?;
        let mut sql = Writer::new(self.dialect);
        sql.push("SELECT ");
        for (place, name) in request.group_by.iter().enumerate() {
            if place > 0 {
                sql.push(", ");
            }
            self.group(name, &mut sql)?;
        }
        for (place, aggregate) in request.aggregates.iter().enumerate() {
            if place > 0 || !request.group_by.is_empty() {
                sql.push(", ");
            }
            self.aggregate(aggregate, &mut sql)?;
        }
        if self.columns.is_empty() {
            return Err(Error::invalid("nothing is asked for"));
        }
        sql.push(" FROM ");
        sql.table(&self.table.name);
        where_whole(self.table, &filter, &mut sql)?;
        if !request.group_by.is_empty() {
            sql.push(" GROUP BY ");
            sql.list(1..=request.group_by.len(), ", ", |sql, place| {
                sql.number(u64::try_from(place).unwrap_or_default());
            });
        }
        let rest = if self.order(&request.order, &mut sql) {
            self.dialect.page(request.limit, request.offset, &mut sql);
            None
        } else {
            let query = tenon_model::Query {
                order: request.order.clone(),
                ..tenon_model::Query::default()
            };
            Some(Rest {
                order: RowOrder::new(&query),
                offset: request.offset,
                limit: request.limit,
            })
        };
        Ok(Plan {
            statement: sql.finish(),
            columns: self.columns,
            results: self.results,
            rest,
        })
    }

    fn column(&self, property: &str) -> Result<&'a Column> {
        self.table.column(property).ok_or_else(|| {
            Error::invalid(format!(
                "the model `{}` has no property `{property}`",
                self.table.model.name
            ))
        })
    }

    fn result(&mut self, name: &str, making: Making, of: Option<&'a Column>) {
        let place = u64::try_from(self.columns.len()).unwrap_or_default() + 1;
        self.places.push((place, of));
        self.results.push((name.to_owned(), making));
    }

    fn push(&mut self, kind: PropertyType) -> Result<()> {
        let name = self.columns.len().to_string();
        self.columns.push(computed(self.dialect, name, kind)?);
        Ok(())
    }

    /// A column of the table's type.
    fn push_of(&mut self, column: &Column) {
        self.columns.push(ResultColumn {
            name: self.columns.len().to_string(),
            ..column.result()
        });
    }

    fn group(&mut self, name: &str, sql: &mut Writer<'_>) -> Result<()> {
        let column = self.column(name)?;
        if self.dialect.fidelity(column).equal == Equality::Unknown {
            return Err(inexact(&format!("groups of `{name}`")));
        }
        self.result(name, Making::Value, Some(column));
        self.push_of(column);
        self.dialect.grouped(column, sql);
        Ok(())
    }

    fn aggregate(&mut self, aggregate: &'a Aggregate, sql: &mut Writer<'_>) -> Result<()> {
        use AggregateFunction as F;
        let name = &aggregate.name;
        if !aggregate.path.is_empty() {
            return Err(inexact(&format!("`{name}`, which looks inside JSON,")));
        }
        let Some(property) = &aggregate.property else {
            if aggregate.function != F::Count {
                return Err(Error::invalid(format!("`{name}` has no property to be of")));
            }
            self.result(name, Making::Value, None);
            self.push(PropertyType::Integer)?;
            sql.push("COUNT(*)");
            return Ok(());
        };
        let column = self.column(property)?;
        match aggregate.function {
            F::Count => {
                self.result(name, Making::Value, None);
                self.count(column, aggregate.distinct, sql)
            }
            F::Sum => self.sum(name, column, aggregate.distinct, sql),
            F::Average => self.average(name, column, aggregate.distinct, sql),
            F::Minimum => self.extreme(name, column, false, sql),
            F::Maximum => self.extreme(name, column, true, sql),
        }
    }

    fn count(&mut self, column: &Column, distinct: bool, sql: &mut Writer<'_>) -> Result<()> {
        self.push(PropertyType::Integer)?;
        let is_json = matches!(column.kind, PropertyType::Json | PropertyType::Any);
        if distinct {
            if self.dialect.fidelity(column).equal == Equality::Unknown {
                return Err(inexact(&format!(
                    "different values of `{}`",
                    column.property
                )));
            }
            sql.push("COUNT(DISTINCT ");
            self.dialect.grouped(column, sql);
        } else if is_json {
            // What is null in the contract may be a value in the column.
            sql.push("COUNT(CASE WHEN ");
            if self.dialect.is_null(column, sql) != Part::Whole {
                return Err(inexact(&format!("values of `{}`", column.property)));
            }
            sql.push(" THEN NULL ELSE 1 END");
        } else {
            sql.push("COUNT(");
            sql.column(column);
        }
        sql.push(")");
        Ok(())
    }

    fn summing(&self, column: &Column, distinct: bool) -> Result<Summing> {
        match self.dialect.sum(column, distinct) {
            Summing::Unknown => Err(inexact(&format!("a sum of `{}`", column.property))),
            known => Ok(known),
        }
    }

    fn sum(
        &mut self,
        name: &str,
        column: &'a Column,
        distinct: bool,
        sql: &mut Writer<'_>,
    ) -> Result<()> {
        let summing = self.summing(column, distinct)?;
        let making = match (summing, column.kind) {
            (Summing::Halves, _) => Making::Halves,
            (Summing::Compensated, _) => Making::Float,
            (_, PropertyType::Integer) => Making::WholeSum,
            _ => Making::Value,
        };
        self.result(name, making, Some(column));
        self.add_up(column, summing, distinct, sql)
    }

    /// The columns of a sum.
    fn add_up(
        &mut self,
        column: &Column,
        summing: Summing,
        distinct: bool,
        sql: &mut Writer<'_>,
    ) -> Result<()> {
        match summing {
            Summing::Halves => {
                self.push(PropertyType::Integer)?;
                self.push(PropertyType::Integer)?;
                high_half(column, sql);
                sql.push(", ");
                low_half(column, sql);
                return Ok(());
            }
            Summing::Compensated => self.push(PropertyType::Float)?,
            Summing::Exact(_) | Summing::Unknown => self.push(PropertyType::Decimal)?,
        }
        sql.push(if distinct { "SUM(DISTINCT " } else { "SUM(" });
        sql.column(column);
        sql.push(")");
        if let Summing::Exact(cast) = summing {
            sql.push(cast);
        }
        Ok(())
    }

    fn average(
        &mut self,
        name: &str,
        column: &'a Column,
        distinct: bool,
        sql: &mut Writer<'_>,
    ) -> Result<()> {
        let summing = self.summing(column, distinct)?;
        let making = match summing {
            Summing::Halves => Making::HalvesAverage,
            Summing::Compensated => Making::FloatAverage,
            Summing::Exact(_) | Summing::Unknown => Making::Average,
        };
        self.result(name, making, Some(column));
        self.add_up(column, summing, distinct, sql)?;
        sql.push(", ");
        self.count(column, distinct, sql)
    }

    fn extreme(
        &mut self,
        name: &str,
        column: &'a Column,
        greatest: bool,
        sql: &mut Writer<'_>,
    ) -> Result<()> {
        let extreme = self.dialect.extreme(column);
        self.result(name, Making::Value, Some(column));
        let min_max = if greatest { "MAX(" } else { "MIN(" };
        match extreme {
            Extreme::Unknown => {
                return Err(inexact(&format!(
                    "the least or greatest of `{}`",
                    column.property
                )));
            }
            Extreme::MinMax => {
                self.push_of(column);
                sql.push(min_max);
                self.dialect.exact(column, sql);
            }
            Extreme::TextMinMax => {
                self.push(PropertyType::Text)?;
                sql.push(min_max);
                self.dialect.text(column, sql);
            }
            Extreme::BoolAndOr => {
                self.push_of(column);
                sql.push(if greatest { "BOOL_OR(" } else { "BOOL_AND(" });
                sql.column(column);
            }
        }
        sql.push(")");
        Ok(())
    }

    /// Appends `ORDER BY`; false where the backend's order would not be exact.
    fn order(&self, order: &[SortKey], sql: &mut Writer<'_>) -> bool {
        if order.is_empty() {
            return true;
        }
        let mark = sql.mark();
        sql.push(" ORDER BY ");
        for (turn, key) in order.iter().enumerate() {
            if turn > 0 {
                sql.push(", ");
            }
            if !self.order_key(key, sql) {
                sql.reset(mark);
                return false;
            }
        }
        true
    }

    fn order_key(&self, key: &SortKey, sql: &mut Writer<'_>) -> bool {
        let mut results = self.results.iter().zip(&self.places);
        let Some(((_, making), (place, column))) =
            results.find(|((name, _), _)| *name == key.property)
        else {
            return false;
        };
        match (making, column) {
            (Making::Value, Some(column)) if !self.dialect.fidelity(column).order => false,
            // A count is never null.
            (Making::Value, None) => {
                sql.number(*place);
                direction(key.descending, true, sql);
                true
            }
            (Making::Value | Making::WholeSum | Making::Float, _) => {
                sql.number(*place);
                direction(key.descending, false, sql);
                true
            }
            (Making::Halves, Some(column)) => {
                // What the less significant halves carry belongs to the others.
                high_half(column, sql);
                sql.push(" + (");
                low_half(column, sql);
                sql.push(" >> 32)");
                direction(key.descending, false, sql);
                sql.push(", ");
                low_half(column, sql);
                sql.push(" & 4294967295");
                direction(key.descending, false, sql);
                true
            }
            _ => false,
        }
    }
}

fn high_half(column: &Column, sql: &mut Writer<'_>) {
    sql.push("SUM(");
    sql.column(column);
    sql.push(" >> 32)");
}

fn low_half(column: &Column, sql: &mut Writer<'_>) {
    sql.push("SUM(");
    sql.column(column);
    sql.push(" & 4294967295)");
}

fn inexact(what: &str) -> Error {
    Error::unsupported(format!("{what} can't be had exactly of the database's SQL"))
}

fn strange() -> Error {
    Error::backend("the database answered an aggregate with a value of another kind")
}

/// Makes the results of rows.
struct Maker {
    results: Vec<(String, Making)>,
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
struct Made {
    rows: Rows,
    maker: Maker,
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
fn sorted(mut rows: Rows, maker: &Maker, rest: &Rest) -> Result<Rows> {
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

impl<D: Driver> Aggregates for Sql<D> {
    fn aggregate(&mut self, model: &str, request: AggregateRequest) -> Result<Rows> {
        let table = self.table(model)?;
        let planner = Planner {
            table: &table,
            dialect: self.driver.dialect(),
            columns: Vec::new(),
            results: Vec::new(),
            places: Vec::new(),
        };
        let plan = planner.plan(&request)?;
        let rows = self.driver.query(&plan.statement, plan.columns)?;
        let maker = Maker {
            results: plan.results,
        };
        match &plan.rest {
            Some(rest) => sorted(rows, &maker, rest),
            None => Ok(Rows::from_source(Made { rows, maker })),
        }
    }
}
