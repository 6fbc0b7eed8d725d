//! A request as a statement.

use tenon_model::contract::AggregateRequest;
use tenon_model::{AggregateFunction, Filter, PropertyType, RowOrder};
use tenon_sdk::{Aggregate, Error, Result, SortKey};

use super::make::{Making, Rest};
use crate::rows::computed;
use crate::select::direction;
use crate::write::where_whole;
use crate::{
    Column, Dialect, Equality, Extreme, Part, ResultColumn, SchemaDialect, Statement, Summing,
    Table, Writer,
};

/// What a request is answered by.
pub(super) struct Plan {
    pub statement: Statement,
    pub columns: Vec<ResultColumn>,
    pub results: Vec<(String, Making)>,
    /// The order and part that are left to be done here.
    pub rest: Option<Rest>,
}

/// A request being turned into a statement.
pub(super) struct Planner<'a, D> {
    table: &'a Table,
    dialect: &'a D,
    columns: Vec<ResultColumn>,
    results: Vec<(String, Making)>,
    /// The place of each result's first column, from 1, and what it is of.
    places: Vec<(u64, Option<&'a Column>)>,
}

impl<'a, D: Dialect + SchemaDialect> Planner<'a, D> {
    pub(super) fn new(table: &'a Table, dialect: &'a D) -> Self {
        Self {
            table,
            dialect,
            columns: Vec::new(),
            results: Vec::new(),
            places: Vec::new(),
        }
    }

    /// The statement of a request.
    ///
    /// # Errors
    /// `unsupported` where a part of it can't be exact.
    pub(super) fn plan(mut self, request: &'a AggregateRequest) -> Result<Plan> {
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
            match column.kind {
                PropertyType::Date | PropertyType::Timestamp => self.dialect.grouped(column, sql),
                _ => sql.column(column),
            }
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
