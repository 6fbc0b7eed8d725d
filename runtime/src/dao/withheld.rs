//! Queries as they may be shown to whoever asked: without what they say of hidden properties. A default scope may
//! name those, and a relation go by them.

use std::pin::Pin;
use std::sync::Arc;

use tenon_model::{Condition, Filter, Query};

use super::Target;
use crate::error::Result;

type Showing<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

impl Target {
    /// The query without its conditions on hidden properties, its order by them and their names, and whether it had
    /// any.
    pub(super) fn showable<'a>(
        self: &'a Arc<Self>,
        mut query: Query,
    ) -> Showing<'a, (Query, bool)> {
        Box::pin(async move {
            if self.sees_hidden {
                return Ok((query, false));
            }
            let whole = query.clone();
            let filter = std::mem::take(&mut query.filter);
            query.filter = self.showable_filter(filter).await?.unwrap_or_default();
            query.order.retain(|key| !self.is_hidden(&key.property));
            query.fields.retain(|name| !self.is_hidden(name));
            query.without.retain(|name| !self.is_hidden(name));
            for include in &mut query.include {
                let related = self
                    .related(&self.relation(&include.relation)?.model)
                    .await?;
                let scope = std::mem::take(&mut include.scope);
                (include.scope, _) = related.target.showable(scope).await?;
            }
            let withheld = query != whole;
            Ok((query, withheld))
        })
    }

    /// The filter without its conditions on hidden properties; none where there is nothing else. A group of which
    /// nothing is left goes too, since an empty one has a meaning of its own.
    fn showable_filter<'a>(self: &'a Arc<Self>, filter: Filter) -> Showing<'a, Option<Filter>> {
        Box::pin(async move {
            Ok(match filter {
                Filter::AllOf(parts) => self.showable_parts(parts).await?.map(Filter::AllOf),
                Filter::AnyOf(parts) => self.showable_parts(parts).await?.map(Filter::AnyOf),
                Filter::NoneOf(parts) => self.showable_parts(parts).await?.map(Filter::NoneOf),
                Filter::Condition(condition) => {
                    let is_hidden = self.is_hidden(&condition.property)
                        || self.is_hidden_inside(&condition).await?;
                    (!is_hidden).then_some(Filter::Condition(condition))
                }
                Filter::Extension(extension) => {
                    let is_hidden = self.is_hidden(&extension.property);
                    (!is_hidden).then_some(Filter::Extension(extension))
                }
                Filter::Related {
                    relation,
                    quantifier,
                    filter,
                } => {
                    let related = self.related(&self.relation(&relation)?.model).await?;
                    let filter = related.target.showable_filter(*filter).await?;
                    filter.map(|filter| Filter::related(relation, quantifier, filter))
                }
            })
        })
    }

    async fn showable_parts(self: &Arc<Self>, parts: Vec<Filter>) -> Result<Option<Vec<Filter>>> {
        let was_empty = parts.is_empty();
        let mut shown = Vec::with_capacity(parts.len());
        for part in parts {
            shown.extend(self.showable_filter(part).await?);
        }
        Ok((was_empty || !shown.is_empty()).then_some(shown))
    }

    fn is_hidden(&self, name: &str) -> bool {
        let property = self.model.find_property(name);
        property.is_some_and(|property| property.hidden)
    }

    /// Whether a path leads to what is hidden in embedded records.
    async fn is_hidden_inside(&self, condition: &Condition) -> Result<bool> {
        if condition.path.is_empty() {
            return Ok(false);
        }
        for relation in &self.model.relations {
            if relation.embedded_in() == Some(condition.property.as_str()) {
                let embedded = self.related(&relation.model).await?.target;
                if condition.path.iter().any(|step| embedded.is_hidden(step)) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
