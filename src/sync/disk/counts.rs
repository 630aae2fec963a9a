//! What can be counted in the store.

use super::Disk;
use crate::domain::time::Timestamp;

impl Disk {
    /// Returns when requests were begun, from `since` on, and those that seem to be yet to come.
    pub(in crate::sync) async fn tries_since(
        &mut self,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>, sqlx::Error> {
        // What went out together has the same last operation.
        let times: Vec<i64> = sqlx::query_scalar(
            "SELECT min(attempt.at) FROM attempt
             LEFT JOIN operation ON operation.id = attempt.operation
             WHERE attempt.at >= $1 GROUP BY coalesce(operation.request, attempt.operation), number",
        )
        .bind(since.0)
        .fetch_all(&mut self.connection)
        .await?;
        Ok(times.into_iter().map(Timestamp).collect())
    }
}
