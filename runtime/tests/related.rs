//! What the runtime makes of relations, against what they mean: random records and random filters, judged here by
//! looking at every record.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeMap;

use support::relations::Air;
use tenon_model::{
    Comparison, Entity, Filter, Include, Matcher, Model, Property, PropertyType, Quantifier, Query,
    Related, Relation, RelationKind, RowOrder, Through, Value, resolve_relations,
};
use tenon_runtime::Limits;

/// Small numbers, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// A number, seldom none.
    fn number(&mut self) -> Value {
        match self.below(6) {
            0 => Value::Null,
            number => Value::Integer(number as i64 % 4),
        }
    }
}

/// Two models with every kind of relation to each other and to themselves.
fn models() -> Vec<Model> {
    let integer = |name: &str| Property::new(name, PropertyType::Integer);
    let embeds = |name: &str, many: bool| {
        let property = String::new();
        let kind = match many {
            true => RelationKind::EmbedsMany { property },
            false => RelationKind::EmbedsOne { property },
        };
        Relation::new(name, "Part", kind)
    };
    let node = Model::new("Node")
        .key("id", PropertyType::Integer)
        .property(integer("n"))
        .property(integer("parentId"))
        .property(integer("a"))
        .property(integer("b"))
        .property(Property::new("_parts", PropertyType::Json))
        .property(Property::new("_part", PropertyType::Json))
        .relation(Relation::belongs_to("parent", "Node", &["parentId"]))
        .relation(Relation::has_many("children", "Node", &["parentId"]))
        .relation(Relation::has_many("links", "Link", &["from"]))
        .relation(Relation::belongs_to("link", "Link", &["a", "b"]))
        .relation(Relation::new(
            "targets",
            "Node",
            RelationKind::HasManyThrough(Through::new("Link", &["from"], &["to"])),
        ))
        .relation(embeds("parts", true))
        .relation(embeds("part", false));
    let link = Model::new("Link")
        .key("from", PropertyType::Integer)
        .key("to", PropertyType::Integer)
        .property(integer("n"))
        .relation(Relation::has_many("holders", "Node", &["a", "b"]))
        .relation(Relation::belongs_to("start", "Node", &["from"]));
    let part = Model::new("Part")
        .property(integer("n"))
        .property(integer("m"))
        .relation(Relation::belongs_to("node", "Node", &["m"]));
    vec![node, link, part]
}

/// All there is.
struct World {
    models: BTreeMap<String, Model>,
    records: BTreeMap<String, Vec<Entity>>,
}

impl World {
    fn new(random: &mut Random) -> Self {
        let mut all = models()
            .into_iter()
            .map(|model| (model.name.clone(), model))
            .collect();
        resolve_relations(&mut all).unwrap();
        let part = |random: &mut Random| {
            let (n, m) = (random.number(), random.number());
            serde_json::json!({"n": n.to_json(), "m": m.to_json()})
        };
        let nodes = (0..8_i64).map(|id| {
            let parts: Vec<_> = (0..random.below(4)).map(|_| part(random)).collect();
            let parts = match random.below(4) {
                0 => Value::Null,
                _ => Value::Json(serde_json::Value::from(parts).to_string()),
            };
            let single = match random.below(2) {
                0 => Value::Null,
                _ => Value::Json(part(random).to_string()),
            };
            Entity::new()
                .with("id", id)
                .with("n", random.number())
                .with("parentId", random.number())
                .with("a", random.number())
                .with("b", random.number())
                .with("_parts", parts)
                .with("_part", single)
        });
        let nodes = nodes.collect();
        let mut links = Vec::new();
        for from in 0..4_i64 {
            for to in 0..5_i64 {
                if random.below(2) == 0 {
                    let link = Entity::new().with("from", from).with("to", to * 2);
                    links.push(link.with("n", random.number()));
                }
            }
        }
        Self {
            models: all,
            records: BTreeMap::from([("Node".to_owned(), nodes), ("Link".to_owned(), links)]),
        }
    }

    fn holding(&self, model: &str, names: &[String], values: &[Option<&Value>]) -> Vec<Entity> {
        let holds = |record: &&Entity| {
            let pairs = names.iter().zip(values);
            pairs.into_iter().all(|(name, value)| {
                value.is_some_and(|value| !value.is_null() && record.get(name) == Some(value))
            })
        };
        self.records[model].iter().filter(holds).cloned().collect()
    }

    /// What a relation means.
    fn related(&self, record: &Entity, relation: &Relation) -> Vec<Entity> {
        let values = |names: &[String]| -> Vec<Option<Value>> {
            names.iter().map(|name| record.get(name).cloned()).collect()
        };
        if let Some((own, theirs)) = relation.pairs() {
            let own = values(own);
            let own: Vec<Option<&Value>> = own.iter().map(Option::as_ref).collect();
            return self.holding(&relation.model, theirs, &own);
        }
        if let Some(through) = relation.through() {
            let own = [record.get("id")];
            let between = self.holding(&through.model, &through.foreign_key, &own);
            let far = between.iter().flat_map(|link| {
                self.holding(&relation.model, &["id".to_owned()], &[link.get("to")])
            });
            return far.collect();
        }
        let embedded = relation.embedded(record, &self.models[&relation.model]);
        embedded.unwrap().unwrap().iter().cloned().collect()
    }

    /// What a filter means.
    fn matches(&self, model: &Model, filter: &Filter, record: &Entity) -> bool {
        let all = |parts: &[Filter]| parts.iter().all(|part| self.matches(model, part, record));
        let any = |parts: &[Filter]| parts.iter().any(|part| self.matches(model, part, record));
        match filter {
            Filter::AllOf(parts) => all(parts),
            Filter::AnyOf(parts) => any(parts),
            Filter::NoneOf(parts) => !any(parts),
            Filter::Related {
                relation,
                quantifier,
                filter,
            } => {
                let relation = model.find_relation(relation).unwrap();
                let other = &self.models[&relation.model];
                let related = self.related(record, relation);
                let mut judged = related
                    .iter()
                    .map(|record| self.matches(other, filter, record));
                match quantifier {
                    Quantifier::Some => judged.any(|matches| matches),
                    Quantifier::None => !judged.any(|matches| matches),
                    Quantifier::Every => judged.all(|matches| matches),
                }
            }
            plain => Matcher::new(plain).unwrap().matches(record),
        }
    }
}

fn filter(
    random: &mut Random,
    model: &Model,
    models: &BTreeMap<String, Model>,
    depth: u32,
) -> Filter {
    use Comparison as C;
    let parts = |random: &mut Random| {
        let count = 1 + random.below(2);
        (0..count)
            .map(|_| filter(random, model, models, depth - 1))
            .collect()
    };
    match random.below(if depth == 0 { 1 } else { 7 }) {
        1 => Filter::AllOf(parts(random)),
        2 => Filter::AnyOf(parts(random)),
        3 => Filter::NoneOf(parts(random)),
        4..=6 => {
            let relation = random.pick(&model.relations);
            let inner = match random.below(5) {
                0 => Filter::all(),
                _ => filter(random, &models[&relation.model], models, depth - 1),
            };
            let quantifier = *random.pick(&Quantifier::ALL);
            Filter::related(relation.name.as_str(), quantifier, inner)
        }
        _ => {
            let comparison = *random.pick(&[C::Equal, C::NotEqual, C::Greater, C::LessOrEqual]);
            Filter::compare("n", comparison, random.number())
        }
    }
}

fn ids(records: &[Entity]) -> Vec<String> {
    let mut ids: Vec<String> = records
        .iter()
        .map(|record| record.to_json().to_string())
        .collect();
    ids.sort();
    ids
}

async fn filled(world: &World, sources: &[&str], place: fn(&str) -> &'static str) -> Air {
    let air = Air::empty(sources, place, Limits::default(), models());
    for (model, records) in &world.records {
        let dao = air.model(model).await;
        dao.create_all(records.clone()).await.unwrap();
    }
    air
}

#[tokio::test]
async fn filters_on_related_records_are_what_they_mean() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut found_some, mut found_all) = (0, 0);
    for round in 0..6 {
        let world = World::new(&mut random);
        let air = match round % 2 {
            0 => filled(&world, &["here"], |_| "here").await,
            _ => {
                let place = |model: &str| if model == "Link" { "there" } else { "here" };
                filled(&world, &["here", "there"], place).await
            }
        };
        for _ in 0..60 {
            let name = *random.pick(&["Node", "Link"]);
            let model = &world.models[name];
            let filter = filter(&mut random, model, &world.models, 4);
            let expected: Vec<Entity> = world.records[name]
                .iter()
                .filter(|record| world.matches(model, &filter, record))
                .cloned()
                .collect();
            let dao = air.model(name).await;
            let found = dao.find(filter.clone()).collect().await.unwrap();
            assert_eq!(ids(&found), ids(&expected), "{}", filter.to_json());
            let all = world.records[name].len();
            found_some += usize::from(!found.is_empty() && found.len() < all);
            found_all += usize::from(found.len() == all);
        }
        air.shut_down().await;
    }
    assert!(
        found_some > 100,
        "the filters tell records apart: {found_some}"
    );
    assert!(found_all > 10, "{found_all}");
}

#[tokio::test]
async fn what_is_loaded_is_what_relations_mean() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for _ in 0..6 {
        let world = World::new(&mut random);
        let air = filled(&world, &["here"], |_| "here").await;
        for _ in 0..40 {
            let name = *random.pick(&["Node", "Link"]);
            let model = &world.models[name];
            let relation = random.pick(&model.relations);
            let other = &world.models[&relation.model];
            let key = if other.name == "Link" { "from" } else { "id" };
            let mut scope = Query::filter(filter(&mut random, other, &world.models, 1));
            scope = scope.descending("n");
            if relation.embedded_in().is_none() {
                scope = scope
                    .ascending(key)
                    .ascending(if key == "id" { key } else { "to" });
            }
            if random.below(2) == 0 {
                scope = scope.limit(random.below(3)).offset(random.below(2));
            }
            let include = Include::scoped(relation.name.as_str(), scope.clone());
            let dao = air.model(name).await;
            let query = Query::new().include(include);
            let shown = query.to_json();
            for record in dao.find(query).collect().await.unwrap() {
                let mut expected = world.related(&record, relation);
                expected.retain(|record| world.matches(other, &scope.filter, record));
                RowOrder::new(&scope).sort(&mut expected);
                let limit = scope.limit.unwrap_or(u64::MAX) as usize;
                let limit = if relation.is_many() {
                    limit
                } else {
                    limit.min(1)
                };
                let mut part = expected.into_iter().skip(scope.offset as usize).take(limit);
                let expected = if relation.is_many() {
                    Related::Many(part.collect())
                } else {
                    Related::One(part.next().map(Box::new))
                };
                assert_eq!(record.related(&relation.name), Some(&expected), "{shown}");
            }
        }
        air.shut_down().await;
    }
}
