//! The dialects that come with Tenon.

mod mysql;
mod postgres;
pub mod sqlite;

pub use mysql::{MySql, MySqlFlavour};
pub use postgres::Postgres;
pub use sqlite::Sqlite;

use tenon_model::Decimal;
use tenon_sdk::{Error, Result};

use crate::Column;

/// Refuses a decimal that has more digits behind the point than the column keeps: backends round it, and say nothing.
fn refuse_rounding(column: &Column, kept: usize, text: &str) -> Result<()> {
    let digits = Decimal::parse(text).map_or(0, Decimal::fraction_digits);
    if digits <= kept {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "`{}` keeps {kept} digits behind the point, and {text} has {digits}: round it first",
        column.property
    ))
    .detail("property", &column.property))
}

#[cfg(test)]
mod tests {
    use tenon_model::PropertyType;
    use tenon_sdk::{ErrorKind, Generation, Value};

    use super::*;
    use crate::{Dialect, Parameter, Writer};

    fn stored(
        dialect: &dyn Dialect,
        kind: PropertyType,
        native_type: &str,
        value: Value,
    ) -> Result<Option<Value>> {
        let column = Column {
            property: "it".to_owned(),
            name: "it".to_owned(),
            kind,
            native_type: native_type.to_owned(),
            collation: None,
            labels: Vec::new(),
            required: false,
            generated: Generation::Never,
        };
        let mut sql = Writer::new(dialect);
        dialect.stored(&column, value, &mut sql)?;
        Ok(match sql.finish().parameters.into_iter().next() {
            Some(Parameter::Value(value)) => Some(value),
            _ => None,
        })
    }

    #[test]
    fn a_decimal_that_the_backend_would_round_is_refused() {
        let maria = MySql {
            flavour: MySqlFlavour::MariaDb,
        };
        let dialects: [(&dyn Dialect, &str); 2] = [(&maria, "decimal"), (&Postgres, "numeric")];
        let decimal = |text: &str| Value::Decimal(text.to_owned());
        for (dialect, name) in dialects {
            let kept = |arguments: &str, text: &str| {
                let native = format!("{name}{arguments}");
                stored(dialect, PropertyType::Decimal, &native, decimal(text))
            };
            for (arguments, text) in [("(65,30)", "1.5"), ("(5,2)", "1.23000"), ("(5)", "7.0")] {
                assert_eq!(kept(arguments, text).unwrap(), Some(decimal(text)));
            }
            for (arguments, text) in [("(5,2)", "1.234"), ("(5)", "0.5"), ("(65,30)", &long())] {
                let error = kept(arguments, text).unwrap_err();
                assert_eq!(error.kind, ErrorKind::Invalid);
            }
        }
        let any = stored(
            &Postgres,
            PropertyType::Decimal,
            "numeric",
            decimal(&long()),
        );
        assert_eq!(any.unwrap(), Some(decimal(&long())));
    }

    /// One with 31 digits behind the point.
    fn long() -> String {
        format!("1.{}1", "0".repeat(30))
    }

    #[test]
    fn a_float_inside_json_stays_one() {
        for (float, text) in [(1e16, "10000000000000000.0"), (1.0, "1.0"), (-2.5, "-2.5")] {
            let json = stored(&Postgres, PropertyType::Any, "jsonb", Value::Float(float));
            assert_eq!(json.unwrap(), Some(Value::Json(text.to_owned())));
        }
    }
}
