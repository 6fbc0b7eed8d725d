//! The connector's page in the documents says what its manifest says.

#[test]
fn the_page_tells_the_settings() {
    tenon_sdk::testing::settings_are_documented::<tenon_sqlite::Sqlite>(
        "../../docs/connectors/sqlite.md",
    );
}
