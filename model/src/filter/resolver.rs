//! What a name stands for in a model: a property, a path into one, a relation, or nothing.

use super::name;
use crate::contract::PropertyType;
use crate::model::{Model, Property};
use crate::models::Models;
use crate::relation::Relation;

/// What a check may see beside the model itself.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'a> {
    /// Where relations lead to; none where nobody knows, and what is beyond isn't checked.
    pub(crate) models: Option<&'a dyn Models>,
    /// Hidden properties too: for trusted code.
    pub(crate) hidden: bool,
}

impl<'a> Sight<'a> {
    /// The model alone.
    pub(crate) const SHORT: Self = Self {
        models: None,
        hidden: false,
    };

    /// An application's.
    pub(crate) const fn over(models: &'a dyn Models) -> Self {
        Self {
            models: Some(models),
            hidden: false,
        }
    }

    /// Trusted code's.
    pub(crate) const fn trusted(models: &'a dyn Models) -> Self {
        Self {
            models: Some(models),
            hidden: true,
        }
    }
}

/// Finds what names stand for in a model.
#[derive(Clone, Copy)]
pub(crate) struct Resolver<'a> {
    pub(crate) model: &'a Model,
    pub(crate) sight: Sight<'a>,
}

/// What a name stands for.
pub(crate) struct Resolved<'a> {
    pub(crate) property: String,
    pub(crate) path: Vec<String>,
    /// None in an open model that doesn't declare it.
    pub(crate) declared: Option<&'a Property>,
}

impl<'a> Resolver<'a> {
    /// The property that is meant, and the path into it: a declared name with dots in it comes before a path.
    ///
    /// # Errors
    /// A sentence, where there is no such property to see, or nothing can be inside of it.
    pub(crate) fn resolve(
        &self,
        property: String,
        mut path: Vec<String>,
    ) -> Result<Resolved<'a>, String> {
        let declared = match self.declared(&property, &path) {
            Some((declared, _)) if !self.sees(declared) => {
                return Err(self.unknown(&property, &path));
            }
            Some((declared, steps)) => {
                path.drain(..steps);
                Some(declared)
            }
            None if self.model.strict || self.model.find_relation(&property).is_some() => {
                return Err(self.unknown(&property, &path));
            }
            None => None,
        };
        let property = declared.map_or(property, |declared| declared.name.clone());
        match declared {
            Some(declared) if !path.is_empty() && !has_inside(declared.kind) => Err(format!(
                "`{property}` is of kind `{}`, and has nothing inside; a path leads into kind `json` or `any`",
                declared.kind
            )),
            _ => Ok(Resolved {
                property,
                path,
                declared,
            }),
        }
    }

    /// The relation that a name begins with, where no declared property is meant.
    pub(crate) fn relation(&self, property: &str, path: &[String]) -> Option<&'a Relation> {
        match self.declared(property, path) {
            Some(_) => None,
            None => self.model.find_relation(property),
        }
    }

    /// Whether there is a property of that name to see; in an open model there may be any.
    pub(crate) fn has(&self, name: &str) -> bool {
        match self.model.find_property(name) {
            Some(declared) => self.sees(declared),
            None => !self.model.strict && self.model.find_relation(name).is_none(),
        }
    }

    pub(crate) fn sees(&self, declared: &Property) -> bool {
        self.sight.hidden || !declared.hidden
    }

    /// The declared property, and how many steps of the path belong to its name.
    fn declared(&self, property: &str, path: &[String]) -> Option<(&'a Property, usize)> {
        let dotted = (1..=path.len()).rev().find_map(|steps| {
            let inner = path.get(..steps)?.join(".");
            let declared = self.model.find_property(&format!("{property}.{inner}"))?;
            Some((declared, steps))
        });
        dotted.or_else(|| Some((self.model.find_property(property)?, 0)))
    }

    /// Why a name is refused. A hidden property is as unknown as one that isn't there.
    pub(crate) fn unknown(&self, property: &str, path: &[String]) -> String {
        if self.relation(property, path).is_some() {
            return format!(
                "`{property}` is a relation of model `{}` and holds nothing itself; `include` loads its records, \
                 and a filter asks for them by `{property}.name`, or by {{\"{property}\": {{\"some\": {{..}}}}}}",
                self.model.name
            );
        }
        let names = || {
            let seen = self.model.properties.iter();
            seen.filter(|declared| self.sees(declared))
                .map(|declared| declared.name.as_str())
        };
        let relations = || self.model.relations.iter().map(|each| each.name.as_str());
        let written = name::written_name(property, path);
        let meant = crate::closest(&written, names())
            .or_else(|| crate::closest(property, names()))
            .or_else(|| crate::closest(property, relations()));
        let remedy = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!(
                "it has {}",
                names()
                    .map(|name| format!("`{name}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        format!(
            "model `{}` has no property `{property}`; {remedy}",
            self.model.name
        )
    }
}

const fn has_inside(kind: PropertyType) -> bool {
    matches!(kind, PropertyType::Json | PropertyType::Any)
}
