//! How a component's functions differ from the contract's, in words.
//!
//! wasmtime checks every function's type, and says that one differs, but not which or how. This reads the
//! contract itself and compares. It runs only when a component was already found to differ.

use std::path::Path;

use tenon_model::Problems;
use wasmtime::component::Component;
use wasmtime::component::types::{ComponentFunc, ComponentItem, Type as Have};
use wit_parser::{Function, Handle, Resolve, SourceMap, Type, TypeDefKind};

use crate::engine::Engine;
use crate::error::{Error, Result, printable};

/// The contract's text.
const CONTRACT: [(&str, &str); 6] = [
    ("types.wit", include_str!("../../wit/types.wit")),
    ("lifecycle.wit", include_str!("../../wit/lifecycle.wit")),
    ("context.wit", include_str!("../../wit/context.wit")),
    ("data.wit", include_str!("../../wit/data.wit")),
    ("services.wit", include_str!("../../wit/services.wit")),
    ("worlds.wit", include_str!("../../wit/worlds.wit")),
];

/// Every function of these interfaces that the component lacks, or has with another type.
///
/// # Errors
/// `host`, where the contract's own text doesn't read.
pub(crate) fn differences(
    engine: &Engine,
    component: &Component,
    interfaces: &[&str],
) -> Result<Problems> {
    let contract = read()?;
    let component = component.component_type();
    let mut problems = Problems::new();
    for (_, interface) in contract.interfaces.iter() {
        let Some(name) = interface
            .name
            .as_deref()
            .filter(|name| interfaces.contains(name))
        else {
            continue;
        };
        // A version that only the end differs in is compatible, so the names are compared without it.
        let prefix = format!("tenon:connector/{name}@");
        let mut exports = component.exports(engine.wasmtime());
        let exported = exports.find_map(|(name, item)| match item.ty {
            ComponentItem::ComponentInstance(instance) if name.starts_with(&prefix) => {
                Some(instance)
            }
            _ => None,
        });
        for (full_name, function) in &interface.functions {
            let found = exported
                .as_ref()
                .and_then(|exported| exported.get_export(engine.wasmtime(), full_name))
                .map(|item| item.ty);
            let wrong = match found {
                Some(ComponentItem::ComponentFunc(found)) => {
                    function_differs(&contract, function, &found)
                }
                Some(_) => Some("it is not a function".to_owned()),
                None => Some("it is missing".to_owned()),
            };
            if let Some(wrong) = wrong {
                problems.push(format!("{name}.{}", function.item_name()), wrong);
            }
        }
    }
    Ok(problems)
}

/// Every function that the component wants of the contract's interfaces, and that Tenon doesn't offer so.
///
/// # Errors
/// `host`, where the contract's own text doesn't read.
pub(crate) fn import_differences(engine: &Engine, component: &Component) -> Result<Problems> {
    let contract = read()?;
    let mut problems = Problems::new();
    for (import, item) in component.component_type().imports(engine.wasmtime()) {
        let ComponentItem::ComponentInstance(imported) = item.ty else {
            continue;
        };
        let name = import.strip_prefix("tenon:connector/");
        let name = name.and_then(|name| name.split('@').next());
        let mut interfaces = contract.interfaces.iter().map(|(_, interface)| interface);
        let Some(interface) =
            interfaces.find(|known| name.is_some() && known.name.as_deref() == name)
        else {
            continue;
        };
        for (function, item) in imported.exports(engine.wasmtime()) {
            let ComponentItem::ComponentFunc(wanted) = item.ty else {
                continue;
            };
            let wrong = match interface.functions.get(function) {
                Some(offered) => function_differs(&contract, offered, &wanted),
                None => Some("the contract has no such function".to_owned()),
            };
            if let Some(wrong) = wrong {
                problems.push(
                    printable(&format!("{}.{function}", name.unwrap_or_default())),
                    wrong,
                );
            }
        }
    }
    Ok(problems)
}

fn read() -> Result<Resolve> {
    let failed = |cause: &dyn std::fmt::Display| Error::host("reading the contract", cause);
    let mut sources = SourceMap::new();
    for (name, text) in CONTRACT {
        sources.push(Path::new(name), text);
    }
    let package = sources.parse().map_err(|(_, cause)| failed(&cause))?;
    let mut contract = Resolve::default();
    contract
        .push_group(package)
        .map_err(|cause| failed(&cause))?;
    Ok(contract)
}

fn function_differs(contract: &Resolve, want: &Function, have: &ComponentFunc) -> Option<String> {
    let (wanted, given) = (want.params.len(), have.params().len());
    if wanted != given {
        return Some(format!(
            "it takes {given} parameters, and the contract's takes {wanted}"
        ));
    }
    for (want, (_, have)) in want.params.iter().zip(have.params()) {
        if let Some(wrong) = type_differs(contract, &want.ty, &have) {
            return Some(format!("parameter `{}`: {wrong}", want.name));
        }
    }
    match (&want.result, have.results().next()) {
        (Some(want), Some(have)) => {
            type_differs(contract, want, &have).map(|wrong| format!("the result: {wrong}"))
        }
        (Some(_), None) => Some("it returns nothing, and the contract's has a result".to_owned()),
        (None, Some(_)) => Some("it has a result, and the contract's returns nothing".to_owned()),
        (None, None) => None,
    }
}

/// The first difference of two types, with the way to it.
fn type_differs(contract: &Resolve, want: &Type, have: &Have) -> Option<String> {
    let (want, have) = (
        Shape::of_contract(contract, want),
        Shape::of_component(have),
    );
    if want.kind != have.kind {
        return Some(format!(
            "`{}`, and the contract has `{}`",
            have.kind, want.kind
        ));
    }
    for (index, (name, want)) in want.parts.iter().enumerate() {
        let Some((found, have)) = have.parts.get(index) else {
            return Some(format!("it lacks `{name}`"));
        };
        if found != name {
            return Some(format!(
                "`{}`, where the contract has `{name}`",
                printable(found)
            ));
        }
        let wrong = match (want, have) {
            (Some(want), Some(have)) => type_differs(contract, want, have),
            (Some(_), None) => {
                Some("it holds nothing, and the contract's holds a value".to_owned())
            }
            (None, Some(_)) => {
                Some("it holds a value, and the contract's holds nothing".to_owned())
            }
            (None, None) => None,
        };
        if let Some(wrong) = wrong {
            return Some(format!("`{name}`: {wrong}"));
        }
    }
    let surplus = have.parts.get(want.parts.len());
    surplus.map(|(name, _)| format!("it has `{}`, which the contract doesn't", printable(name)))
}

/// What a type is made of, whichever side it comes from: its kind, and its parts by name, with their types
/// where they have one.
struct Shape<T> {
    kind: &'static str,
    parts: Vec<(String, Option<T>)>,
}

impl<T> Shape<T> {
    fn plain(kind: &'static str) -> Self {
        Self {
            kind,
            parts: Vec::new(),
        }
    }

    fn new<N: Into<String>>(
        kind: &'static str,
        parts: impl IntoIterator<Item = (N, Option<T>)>,
    ) -> Self {
        let parts = parts
            .into_iter()
            .map(|(name, part)| (name.into(), part))
            .collect();
        Self { kind, parts }
    }

    fn names<N: Into<String>>(kind: &'static str, names: impl IntoIterator<Item = N>) -> Self {
        Self::new(kind, names.into_iter().map(|name| (name, None)))
    }

    fn numbered(kind: &'static str, parts: impl IntoIterator<Item = T>) -> Self {
        Self::new(
            kind,
            parts
                .into_iter()
                .enumerate()
                .map(|(index, part)| (index.to_string(), Some(part))),
        )
    }
}

impl Shape<Type> {
    fn of_contract(contract: &Resolve, ty: &Type) -> Self {
        match ty {
            Type::Bool => Self::plain("bool"),
            Type::U8 => Self::plain("u8"),
            Type::U16 => Self::plain("u16"),
            Type::U32 => Self::plain("u32"),
            Type::U64 => Self::plain("u64"),
            Type::S8 => Self::plain("s8"),
            Type::S16 => Self::plain("s16"),
            Type::S32 => Self::plain("s32"),
            Type::S64 => Self::plain("s64"),
            Type::F32 => Self::plain("f32"),
            Type::F64 => Self::plain("f64"),
            Type::Char => Self::plain("char"),
            Type::String => Self::plain("string"),
            Type::ErrorContext => Self::plain("error-context"),
            Type::Id(id) => match contract.types.get(*id).map(|definition| &definition.kind) {
                Some(kind) => Self::of_definition(contract, kind),
                None => Self::plain("unknown"),
            },
        }
    }

    fn of_definition(contract: &Resolve, kind: &TypeDefKind) -> Self {
        match kind {
            TypeDefKind::Type(ty) => Self::of_contract(contract, ty),
            TypeDefKind::Record(record) => Self::new(
                "record",
                record
                    .fields
                    .iter()
                    .map(|field| (&field.name, Some(field.ty))),
            ),
            TypeDefKind::Tuple(tuple) => Self::numbered("tuple", tuple.types.iter().copied()),
            TypeDefKind::Variant(variant) => Self::new(
                "variant",
                variant.cases.iter().map(|case| (&case.name, case.ty)),
            ),
            TypeDefKind::Enum(cases) => {
                Self::names("enum", cases.cases.iter().map(|case| &case.name))
            }
            TypeDefKind::Flags(flags) => {
                Self::names("flags", flags.flags.iter().map(|flag| &flag.name))
            }
            TypeDefKind::Option(ty) => Self::new("option", [("some", Some(*ty))]),
            TypeDefKind::Result(result) => {
                Self::new("result", [("ok", result.ok), ("error", result.err)])
            }
            TypeDefKind::List(ty) => Self::new("list", [("element", Some(*ty))]),
            TypeDefKind::Handle(Handle::Own(_)) => Self::plain("own"),
            TypeDefKind::Handle(Handle::Borrow(_)) => Self::plain("borrow"),
            // The contract has none of the others; its kind says it all.
            other => Self::plain(other.as_str()),
        }
    }
}

impl Shape<Have> {
    fn of_component(ty: &Have) -> Self {
        match ty {
            Have::Bool => Self::plain("bool"),
            Have::U8 => Self::plain("u8"),
            Have::U16 => Self::plain("u16"),
            Have::U32 => Self::plain("u32"),
            Have::U64 => Self::plain("u64"),
            Have::S8 => Self::plain("s8"),
            Have::S16 => Self::plain("s16"),
            Have::S32 => Self::plain("s32"),
            Have::S64 => Self::plain("s64"),
            Have::Float32 => Self::plain("f32"),
            Have::Float64 => Self::plain("f64"),
            Have::Char => Self::plain("char"),
            Have::String => Self::plain("string"),
            Have::ErrorContext => Self::plain("error-context"),
            Have::Record(record) => Self::new(
                "record",
                record.fields().map(|field| (field.name, Some(field.ty))),
            ),
            Have::Tuple(tuple) => Self::numbered("tuple", tuple.types()),
            Have::Variant(variant) => {
                Self::new("variant", variant.cases().map(|case| (case.name, case.ty)))
            }
            Have::Enum(cases) => Self::names("enum", cases.names()),
            Have::Flags(flags) => Self::names("flags", flags.names()),
            Have::Option(option) => Self::new("option", [("some", Some(option.ty()))]),
            Have::Result(result) => {
                Self::new("result", [("ok", result.ok()), ("error", result.err())])
            }
            Have::List(list) => Self::new("list", [("element", Some(list.ty()))]),
            Have::Own(_) => Self::plain("own"),
            Have::Borrow(_) => Self::plain("borrow"),
            Have::Map(_) => Self::plain("map"),
            Have::Future(_) => Self::plain("future"),
            Have::Stream(_) => Self::plain("stream"),
            Have::FixedLengthList(_) => Self::plain("fixed-length list"),
        }
    }
}
