//! MySQL's SQL, and MariaDB's.

mod schema;

use crate::Dialect;

/// Which of the two it is: they have drifted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MySqlFlavour {
    /// MySQL, from version 8.0.
    MySql,
    /// MariaDB, from version 10.5.
    MariaDb,
}

/// MySQL or MariaDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MySql {
    /// Which of the two.
    pub flavour: MySqlFlavour,
}

impl Dialect for MySql {
    fn name(&self) -> &'static str {
        match self.flavour {
            MySqlFlavour::MySql => "mysql",
            MySqlFlavour::MariaDb => "mariadb",
        }
    }

    fn quote(&self, identifier: &str, out: &mut String) {
        out.push('`');
        out.push_str(&identifier.replace('`', "``"));
        out.push('`');
    }
}
