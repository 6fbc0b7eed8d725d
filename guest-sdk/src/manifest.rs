//! What a connector says of itself, and what it asks for.

use tenon_model::PropertyType;

/// How many instances a data source may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// The data live in the instance: there is exactly one, and calls take turns.
    Exclusive,
    /// An instance is one session with the backend: the runtime keeps a pool of them.
    Pooled,
}

/// A connector's description of itself. [`manifest!`](crate::manifest!) begins one with what cargo knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Lower case, as in `postgres`.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// One sentence for people.
    pub description: String,
    /// For catalogues: `database`, `key-value`, `service`, or another.
    pub category: String,
    /// How many instances a data source may have.
    pub sharing: Sharing,
    /// A pooled session can serve other calls while one of its cursors is open.
    pub interleaving: bool,
    /// The kind of key that it makes for a model that declares none; none where the runtime has to.
    pub generated_key: Option<PropertyType>,
    /// It keeps properties that a model does not declare.
    pub keeps_undeclared: bool,
    /// More, by name: `license`, `homepage`, `documentation`.
    pub annotations: Vec<(String, String)>,
}

impl Manifest {
    /// A pooled database connector that promises nothing more.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            description: String::new(),
            category: "database".into(),
            sharing: Sharing::Pooled,
            interleaving: false,
            generated_key: None,
            keeps_undeclared: false,
            annotations: Vec::new(),
        }
    }

    /// The same with a description.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The same in another category than `database`.
    #[must_use]
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.category = category.into();
        self
    }

    /// The same, with exactly one instance a data source.
    #[must_use]
    pub fn exclusive(mut self) -> Self {
        self.sharing = Sharing::Exclusive;
        self
    }

    /// The same, serving other calls while a cursor is open.
    #[must_use]
    pub fn interleaving(mut self) -> Self {
        self.interleaving = true;
        self
    }

    /// The same, making keys of this kind for models that declare none.
    #[must_use]
    pub fn generated_key(mut self, kind: PropertyType) -> Self {
        self.generated_key = Some(kind);
        self
    }

    /// The same, keeping properties that a model does not declare.
    #[must_use]
    pub fn keeps_undeclared(mut self) -> Self {
        self.keeps_undeclared = true;
        self
    }

    /// The same with one more annotation; an empty value adds none.
    #[must_use]
    pub fn annotation(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.annotations.push((name.into(), value));
        }
        self
    }
}

/// A [`Manifest`] of that name, with the version, description, license and homepage of the crate's `Cargo.toml`.
#[macro_export]
macro_rules! manifest {
    ($name:expr) => {
        $crate::Manifest::new($name, ::core::env!("CARGO_PKG_VERSION"))
            .description(::core::env!("CARGO_PKG_DESCRIPTION"))
            .annotation("license", ::core::env!("CARGO_PKG_LICENSE"))
            .annotation("homepage", ::core::env!("CARGO_PKG_HOMEPAGE"))
    };
}

/// Something that an instance asks of the host. The operator's grants decide; this is only the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// `tcp`, `http`, `read-folder`, `write-folder` or `key-value`.
    pub kind: String,
    /// `host:port`, a URL prefix, a folder's name in the instance, or a bucket.
    pub target: String,
}

impl Need {
    fn new(kind: &str, target: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            target: target.into(),
        }
    }

    /// A connection to this host and port. An IPv6 address may be in brackets or not.
    pub fn tcp(host: &str, port: u16) -> Self {
        if host.contains(':') && !host.starts_with('[') {
            return Self::new("tcp", format!("[{host}]:{port}"));
        }
        Self::new("tcp", format!("{host}:{port}"))
    }

    /// Requests below this URL.
    pub fn http(prefix: impl Into<String>) -> Self {
        Self::new("http", prefix)
    }

    /// A folder to read, by its name in the instance.
    pub fn read_folder(name: impl Into<String>) -> Self {
        Self::new("read-folder", name)
    }

    /// A folder to read and write, by its name in the instance.
    pub fn write_folder(name: impl Into<String>) -> Self {
        Self::new("write-folder", name)
    }

    /// A bucket of keys and values.
    pub fn key_value(bucket: impl Into<String>) -> Self {
        Self::new("key-value", bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_a_port_can_be_told_apart() {
        for (host, target) in [
            ("db.internal", "db.internal:5432"),
            ("10.0.0.1", "10.0.0.1:5432"),
            ("::1", "[::1]:5432"),
            ("[::1]", "[::1]:5432"),
        ] {
            let need = Need::tcp(host, 5432);
            assert_eq!((need.kind.as_str(), need.target.as_str()), ("tcp", target));
        }
    }
}
