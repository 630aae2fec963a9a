//! Rows that carry a checksum: how they are read, whether they are as they were written, and how
//! they get one that have none.

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Row as _, TypeInfo as _, ValueRef as _};

use crate::store::checksum::Checksum;

/// One column of a row as it lies on disk.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Nothing,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// What we never write: a fraction, a text that is none.
    Broken(Vec<u8>),
}

/// A table whose rows carry a checksum.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// What the checksum is over, in this order; the key is the first.
    pub(super) columns: &'static [&'static str],
    /// What it is not over.
    pub(super) besides: &'static [&'static str],
}

pub(super) const OPERATION: Table = Table {
    name: "operation",
    columns: &[
        "seq", "id", "profile", "word", "body", "state", "attempts", "tried_at", "wanted",
        "request", "sent",
    ],
    besides: &[],
};
pub(super) const KNOWN: Table = Table {
    name: "known",
    columns: &["local", "remote", "profile"],
    besides: &["hash", "body"],
};
pub(super) const QUEUE: Table = Table {
    name: "queue",
    columns: &["profile", "read_at", "revision", "pending", "failed"],
    besides: &["generation"],
};
pub(super) const FACT: Table = Table {
    name: "fact",
    columns: &["key", "value"],
    besides: &[],
};
pub(super) const PROFILE: Table = Table {
    name: "profile",
    columns: &["id", "place", "body"],
    besides: &[],
};
pub(super) const SENT: Table = Table {
    name: "sent",
    columns: &["profile", "body"],
    besides: &[],
};
pub(super) const DRAFT: Table = Table {
    name: "draft",
    columns: &["id", "body"],
    besides: &[],
};
pub(super) const TAG: Table = Table {
    name: "tag",
    columns: &["id", "body"],
    besides: &["seen"],
};
pub(super) const DONE: Table = Table {
    name: "done",
    columns: &["id", "stack", "place", "body"],
    besides: &[],
};
pub(super) const TALLY: Table = Table {
    name: "tally",
    columns: &["one", "made", "ended", "pruned", "aside", "lost"],
    besides: &[],
};

/// All that are copied row by row, operations last: what they refer to is there before.
pub(super) const TABLES: [&Table; 9] = [
    &FACT, &PROFILE, &KNOWN, &QUEUE, &SENT, &DRAFT, &TAG, &DONE, &OPERATION,
];

/// A row, and whether it is as it was written.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// The columns of the table: first those under the checksum, then those besides.
    pub(super) values: Vec<Value>,
    pub(super) is_good: bool,
    /// It never got a checksum.
    pub(super) is_bare: bool,
}

impl Table {
    /// Says whether a person wrote what is in it: then what is damaged is not thrown away.
    pub(super) fn is_written_by_hand(&self) -> bool {
        matches!(self.name, "operation" | "draft" | "tag")
    }

    /// The columns, then the checksum, for a SELECT.
    pub(super) fn list(&self) -> String {
        let all: Vec<&str> = self.columns.iter().chain(self.besides).copied().collect();
        format!("{}, crc", all.join(", "))
    }

    /// Reads a row that was selected with [`Table::list`].
    pub(super) fn read(&self, row: &SqliteRow) -> Result<Stored, sqlx::Error> {
        let count = self.columns.len() + self.besides.len();
        let values = (0..count)
            .map(|at| value(row, at))
            .collect::<Result<Vec<_>, _>>()?;
        let crc = value(row, count)?;
        let sum = checksum(values.iter().take(self.columns.len()));
        Ok(Stored {
            values,
            is_good: crc == Value::Number(sum),
            is_bare: crc == Value::Nothing,
        })
    }

    /// Gives every row a checksum that has none.
    pub(super) async fn seal(&self, c: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let key = self.columns.first().copied().unwrap_or("rowid");
        let query = format!(
            "SELECT {} FROM {} WHERE crc IS NULL",
            self.list(),
            self.name
        );
        let rows = sqlx::raw_sql(AssertSqlSafe(query))
            .fetch_all(&mut *c)
            .await?;
        let put = format!("UPDATE {} SET crc = $2 WHERE {key} = $1", self.name);
        for row in rows {
            let stored = self.read(&row)?;
            let sum = checksum(stored.values.iter().take(self.columns.len()));
            let query = sqlx::query(AssertSqlSafe(put.clone()));
            let Some(key) = stored.values.first() else {
                continue;
            };
            bind(query, key).bind(sum).execute(&mut *c).await?;
        }
        Ok(())
    }
}

/// The checksum over some columns.
pub(super) fn checksum<'a>(values: impl Iterator<Item = &'a Value>) -> i64 {
    values
        .fold(Checksum::default(), |sum, value| match value {
            Value::Nothing => sum.nothing(),
            Value::Number(number) => sum.number(*number),
            Value::Text(text) => sum.text(text),
            Value::Bytes(bytes) => sum.blob(bytes),
            Value::Broken(bytes) => sum.nothing().blob(bytes),
        })
        .finish()
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// Binds a column.
pub(super) fn bind<'q>(query: Query<'q>, value: &Value) -> Query<'q> {
    match value {
        Value::Nothing => query.bind(None::<i64>),
        Value::Number(number) => query.bind(*number),
        Value::Text(text) => query.bind(text.clone()),
        Value::Bytes(bytes) | Value::Broken(bytes) => query.bind(bytes.clone()),
    }
}

/// Reads a column as what it is, not as what it should be.
pub(super) fn value(row: &SqliteRow, at: usize) -> Result<Value, sqlx::Error> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Nothing);
    }
    let bytes = || row.try_get_unchecked::<Vec<u8>, _>(at);
    Ok(match raw.type_info().name() {
        "INTEGER" => Value::Number(row.try_get_unchecked(at)?),
        "TEXT" => match String::from_utf8(bytes()?) {
            Ok(text) => Value::Text(text),
            Err(error) => Value::Broken(error.into_bytes()),
        },
        "BLOB" => Value::Bytes(bytes()?),
        _ => Value::Broken(bytes()?),
    })
}

impl Value {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// How it looks in the quarantine.
    pub(super) fn shown(&self) -> serde_json::Value {
        match self {
            Self::Nothing => serde_json::Value::Null,
            Self::Number(number) => (*number).into(),
            Self::Text(text) => text.clone().into(),
            Self::Bytes(bytes) | Self::Broken(bytes) => {
                let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("hex {}", hex.concat()).into()
            }
        }
    }
}
