//! What becomes of values on their way into the file.

use serde_json::{Map, Value as Json};
use tenon_sdk::{Entity, Generation, GeoPoint, PropertyType, Value};

use crate::check::Use;
use crate::definition::Definition;
use crate::fault::{Fault, Planted, Theme};

/// An hour, in microseconds.
const HOUR: i64 = 3_600_000_000;

/// The deepest level of JSON that stays, where not all do.
const DEEPEST: usize = 8;

/// Data as they are stored.
pub(crate) fn stored(planted: Planted, definition: &Definition, data: Entity, how: Use) -> Entity {
    let Some(fault) = planted.0.filter(|fault| fault.theme() == Theme::Values) else {
        return data;
    };
    let is_open = !definition.model.strict;
    let mut stored = Entity::new();
    for (name, value) in data {
        let property = definition.property(&name);
        let is_lost = (fault == Fault::NullIsStoredAsAbsent && is_open && value.is_null())
            || (fault == Fault::UndeclaredIsLost && property.is_none());
        if !is_lost {
            let kind = property.map(|property| property.kind);
            stored.set(name, spoil(fault, kind, value));
        }
    }
    if fault == Fault::AbsentIsStoredAsNull && how != Use::Change {
        let properties = definition.model.properties.iter();
        // What is generated is made where it is missing.
        for property in properties.filter(|it| it.generated == Generation::Never) {
            if stored.get(&property.name).is_none() {
                stored.set(property.name.as_str(), Value::Null);
            }
        }
    }
    stored
}

fn spoil(fault: Fault, kind: Option<PropertyType>, value: Value) -> Value {
    match value {
        Value::Text(text) => spoil_text(fault, kind, text),
        Value::Integer(integer) => match fault {
            Fault::IntegersPassThroughFloats => Value::Integer(integer as f64 as i64),
            Fault::IntegersWrapAt32Bits => Value::Integer(i64::from(integer as i32)),
            _ => Value::Integer(integer),
        },
        Value::Boolean(boolean) if fault == Fault::BooleansAreIntegers => {
            Value::Integer(boolean.into())
        }
        Value::Decimal(text) => Value::Decimal(match fault {
            Fault::DecimalsPassThroughFloats => match text.parse::<f64>() {
                Ok(float) if float.is_finite() => float.to_string(),
                _ => text,
            },
            Fault::DecimalsLoseDigits => thirty_digits(&text),
            _ => text,
        }),
        Value::Float(float) => Value::Float(match fault {
            Fault::FloatsAreSingle if (float as f32).is_finite() => f64::from(float as f32),
            Fault::FloatsLoseDigits => format!("{float:.14e}").parse().unwrap_or(float),
            _ => float,
        }),
        Value::Timestamp(micros) => Value::Timestamp(match fault {
            Fault::TimestampsRoundUpToMilliseconds => {
                -(micros
                    .saturating_neg()
                    .div_euclid(1_000)
                    .saturating_mul(1_000))
            }
            Fault::TimestampsAreInLocalTime => micros.saturating_add(HOUR),
            Fault::EarlyTimestampsLoseTheirFraction if micros < 0 => micros / 1_000_000 * 1_000_000,
            _ => micros,
        }),
        Value::Bytes(bytes) => match fault {
            Fault::EmptyBytesAreNull if bytes.is_empty() => Value::Null,
            Fault::BytesAreText => {
                Value::Bytes(String::from_utf8_lossy(&bytes).into_owned().into_bytes())
            }
            _ => Value::Bytes(bytes),
        },
        Value::Point(point) if fault == Fault::PointIsSwapped => Value::Point(GeoPoint {
            latitude: point.longitude,
            longitude: point.latitude,
        }),
        Value::Json(text) => Value::Json(spoil_json(fault, text)),
        Value::Other(other) if fault == Fault::OtherIsText => Value::Text(other.text),
        other => other,
    }
}

fn spoil_text(fault: Fault, kind: Option<PropertyType>, text: String) -> Value {
    Value::Text(match (fault, kind) {
        (Fault::EmptyTextIsNull, _) if text.is_empty() => return Value::Null,
        (Fault::TextIsTrimmed, _) => text.trim().to_owned(),
        (Fault::TextIsCutAt255, _) => text.chars().take(255).collect(),
        (Fault::TextEndsAtNul, _) => text.chars().take_while(|it| *it != '\0').collect(),
        (Fault::TextLosesAstralCharacters, _) => {
            let characters = text.chars();
            let kept = characters.map(|it| if it > '\u{ffff}' { '?' } else { it });
            kept.collect()
        }
        (Fault::TextIsNormalised, _) => composed(&text),
        (Fault::TimesLoseTheirFraction, Some(PropertyType::Time)) => {
            text.split('.').next().unwrap_or_default().to_owned()
        }
        (Fault::UuidsAreUpperCase, Some(PropertyType::Uuid)) => text.to_uppercase(),
        _ => text,
    })
}

/// Text in which the commonest letters are one with the accent behind them.
fn composed(text: &str) -> String {
    const LETTERS: &str = "aeiouAEIOUncyNCY";
    const ACCENTS: [(char, &str); 4] = [
        ('\u{300}', "àèìòùÀÈÌÒÙǹcỳǸCỲ"),
        ('\u{301}', "áéíóúÁÉÍÓÚńćýŃĆÝ"),
        ('\u{302}', "âêîôûÂÊÎÔÛnĉŷNĈŶ"),
        ('\u{308}', "äëïöüÄËÏÖÜncÿNCŸ"),
    ];
    let mut out = String::new();
    for character in text.chars() {
        let accent = ACCENTS.iter().find(|(accent, _)| *accent == character);
        let last = out.chars().next_back();
        let whole = accent.zip(last).and_then(|((_, whole), last)| {
            let place = LETTERS.chars().position(|letter| letter == last)?;
            whole.chars().nth(place).filter(|whole| *whole != last)
        });
        match whole {
            Some(whole) => {
                out.pop();
                out.push(whole);
            }
            None => out.push(character),
        }
    }
    out
}

fn thirty_digits(text: &str) -> String {
    let mut left = 30;
    let mut is_after_point = false;
    let digits = text.chars().filter_map(|character| match character {
        '0'..='9' if left > 0 => {
            left -= 1;
            Some(character)
        }
        // Digits before the point keep their places.
        '0'..='9' => (!is_after_point).then_some('0'),
        '.' => {
            is_after_point = true;
            Some(character)
        }
        other => Some(other),
    });
    let cut: String = digits.collect();
    cut.strip_suffix('.').map(str::to_owned).unwrap_or(cut)
}

fn spoil_json(fault: Fault, text: String) -> String {
    let spoil: fn(Json, usize) -> Json = match fault {
        Fault::JsonNumbersAreFloats => float_numbers,
        Fault::JsonIsCutDeep => cut_deep,
        Fault::JsonLosesNullMembers => lose_nulls,
        Fault::JsonTagsAreUnwrapped => unwrap_tags,
        _ => return text,
    };
    match serde_json::from_str::<Json>(&text) {
        Ok(json) => match spoil(json, 1) {
            // A property holds an array or an object.
            json @ (Json::Array(_) | Json::Object(_)) => json.to_string(),
            scalar => Json::Array(vec![scalar]).to_string(),
        },
        Err(_) => text,
    }
}

/// The same with something done to each element or member.
fn inside(json: Json, level: usize, spoil: fn(Json, usize) -> Json) -> Json {
    match json {
        Json::Array(elements) => {
            let elements = elements.into_iter();
            Json::Array(elements.map(|it| spoil(it, level + 1)).collect())
        }
        Json::Object(members) => {
            let members = members.into_iter();
            let members = members.map(|(name, it)| (name, spoil(it, level + 1)));
            Json::Object(members.collect())
        }
        scalar => scalar,
    }
}

fn float_numbers(json: Json, level: usize) -> Json {
    match &json {
        Json::Number(number) => match number.as_f64() {
            Some(float) if float.abs() >= 9_007_199_254_740_992.0 => Json::from(float),
            _ => json,
        },
        _ => inside(json, level, float_numbers),
    }
}

fn cut_deep(json: Json, level: usize) -> Json {
    if level > DEEPEST && !matches!(json, Json::Null) {
        return Json::Null;
    }
    inside(json, level, cut_deep)
}

fn lose_nulls(json: Json, level: usize) -> Json {
    match json {
        Json::Object(members) => {
            let members: Map<String, Json> = members
                .into_iter()
                .filter(|(_, member)| !member.is_null())
                .collect();
            inside(Json::Object(members), level, lose_nulls)
        }
        other => inside(other, level, lose_nulls),
    }
}

fn unwrap_tags(json: Json, level: usize) -> Json {
    if let Json::Object(members) = &json
        && let (1, Some((name, content @ Json::String(_)))) = (members.len(), members.iter().next())
        && name.starts_with('$')
        && level > 1
    {
        return content.clone();
    }
    inside(json, level, unwrap_tags)
}
