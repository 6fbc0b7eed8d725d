//! Names of models and properties made of a backend's: `order_items` becomes `OrderItems`, its `customer_id` becomes
//! `customerId`, as LoopBack has them.

use std::collections::BTreeSet;

/// A model's name: each word with a capital.
pub fn pascal(name: &str) -> String {
    words(name).iter().map(|word| capitalised(word)).collect()
}

/// A property's or relation's name: each word with a capital but the first.
pub fn camel(name: &str) -> String {
    let words = words(name);
    let mut words = words.iter();
    let first = words.next().map(|word| uncapitalised(word));
    first
        .into_iter()
        .chain(words.map(|word| capitalised(word)))
        .collect()
}

/// The table's own name of a collection's, which perhaps is in a schema: `sales."odd.name"`.
pub fn own_name(collection: &str) -> String {
    let mut steps = vec![String::new()];
    let mut quoted = false;
    for char in collection.chars() {
        match char {
            '"' => quoted = !quoted,
            '.' if !quoted => steps.push(String::new()),
            _ => {
                if let Some(step) = steps.last_mut() {
                    step.push(char);
                }
            }
        }
    }
    steps.pop().unwrap_or_default()
}

/// The first of the names that isn't taken, or the last with a number behind it; it is taken then.
pub fn free(names: &[String], taken: &mut BTreeSet<String>) -> String {
    let last = names.last().cloned().unwrap_or_default();
    let numbered = (2_u32..).map(|number| format!("{last}{number}"));
    let mut names = names.iter().cloned().chain(numbered);
    let free = names.find(|name| !name.is_empty() && !taken.contains(name));
    let name = free.unwrap_or(last);
    taken.insert(name.clone());
    name
}

/// Runs of letters and digits; of a name in capitals alone, in small letters.
fn words(name: &str) -> Vec<String> {
    let shouts = !name.chars().any(char::is_lowercase);
    name.split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| match shouts {
            true => word.to_lowercase(),
            false => word.to_owned(),
        })
        .collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

fn uncapitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_loopback_has_them() {
        for (name, model, property) in [
            ("orders", "Orders", "orders"),
            ("order_items", "OrderItems", "orderItems"),
            ("ORDER_ITEMS", "OrderItems", "orderItems"),
            ("OrderItems", "OrderItems", "orderItems"),
            ("ID", "Id", "id"),
            ("customer id", "CustomerId", "customerId"),
            ("a.b", "AB", "aB"),
            ("größe", "Größe", "größe"),
            ("odd \"table\".name; --", "OddTableName", "oddTableName"),
            ("2020_sales", "2020Sales", "2020Sales"),
            ("--", "", ""),
        ] {
            assert_eq!(pascal(name), model);
            assert_eq!(camel(name), property);
        }
    }

    #[test]
    fn a_collection_s_own_name_is_its_last_step() {
        assert_eq!(own_name("orders"), "orders");
        assert_eq!(own_name("sales.orders"), "orders");
        assert_eq!(own_name("sales.\"odd.name\""), "odd.name");
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let mut taken = BTreeSet::from(["A".to_owned()]);
        let names = ["A".to_owned(), "B".to_owned()];
        assert_eq!(free(&names, &mut taken), "B");
        assert_eq!(free(&names, &mut taken), "B2");
        assert_eq!(free(&[String::new(), "C".to_owned()], &mut taken), "C");
    }
}
