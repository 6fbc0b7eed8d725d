//! Results that are larger than a connector's memory.

// Clippy knows a test by its attribute, and what tests call has none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use support::servers::Server;
use tenon_model::Query;
use tenon_runtime::Limits;

/// Records of half a kilobyte each: fifty megabytes of them.
const RECORDS: u32 = 100_000;

/// Less than half of that.
const MEMORY: u64 = 24 << 20;

async fn takes_the_memory_of_a_page(server: Server) {
    server.fill(RECORDS);
    let limits = Limits {
        memory: MEMORY,
        ..Limits::default()
    };
    let things = server.runtime(server.port(), limits);
    let mut records = things.dao().await.find(Query::default());
    let mut count = 0;
    while let Some(record) = records.next().await {
        record.unwrap();
        count += 1;
    }
    assert_eq!(count, RECORDS);
    things.runtime.shut_down().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_result_of_mysql_takes_the_memory_of_a_page() {
    if let Some(server) = Server::mysql(20) {
        takes_the_memory_of_a_page(server).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_result_of_postgres_takes_the_memory_of_a_page() {
    if let Some(server) = Server::postgres(20) {
        takes_the_memory_of_a_page(server).await;
    }
}
