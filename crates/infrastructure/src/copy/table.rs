use std::fmt::Write;

use super::side::Fault;
use super::value::{Row, Value};

/// A table as its database describes it, without the columns that are computed from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    /// By name, so that they have one order in both databases.
    pub(super) columns: Vec<Column>,
    /// The columns of the primary key, in its order.
    pub(super) key: Vec<String>,
    /// What counts its ids up: the sequence in PostgreSQL, the table itself in SQLite.
    pub(super) counter: Option<String>,
    /// Other tables that it has foreign keys to.
    pub(super) parents: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Text,
    Bytes,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "integer" | "bigint" => Some(Self::Integer),
            "text" => Some(Self::Text),
            "blob" | "bytea" => Some(Self::Bytes),
            _ => None,
        }
    }
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Table {
    pub(super) fn quoted_columns(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        names.join(", ")
    }

    /// Every row, in the order of the key. `by_bytes` makes the order of text that of its bytes.
    pub(super) fn select(&self, by_bytes: &str) -> String {
        let mut sql =
            format!("SELECT {} FROM {} ORDER BY", self.quoted_columns(), quoted(&self.name));
        for (place, name) in self.key.iter().enumerate() {
            let is_text =
                self.columns.iter().any(|column| column.name == *name && column.kind == Kind::Text);
            let comma = if place == 0 { "" } else { "," };
            let collation = if is_text { by_bytes } else { "" };
            // Writing to a String does not fail.
            let _: std::fmt::Result = write!(sql, "{comma} {}{collation}", quoted(name));
        }
        sql
    }

    /// Whether rows of the one fit into the other.
    pub(super) fn fits(&self, other: &Self) -> bool {
        self.name == other.name
            && self.columns == other.columns
            && self.key == other.key
            && self.counter.is_some() == other.counter.is_some()
    }
}

/// Makes tables of what a catalogue says: of each column, in order, its table, name, type, place in
/// the primary key and counter; of each foreign key the table that has it and the one it leads to.
pub(super) fn tables(columns: Vec<Row>, parents: &[Row]) -> Result<Vec<Table>, Fault> {
    let mut tables: Vec<(Table, Vec<(i64, String)>)> = Vec::new();
    for Row(column) in columns {
        let Ok([Value::Text(table), Value::Text(name), Value::Text(kind), key, counter]) =
            <[Value; 5]>::try_from(column)
        else {
            return Err(Fault::new("the catalogue of the database is not understood"));
        };
        let kind = Kind::named(&kind)
            .ok_or_else(|| Fault::new(format!("{table}.{name} has the unknown type {kind}")))?;
        if tables.last().is_none_or(|(last, _)| last.name != table) {
            let (columns, key, parents) = (Vec::new(), Vec::new(), Vec::new());
            let table = Table { name: table, columns, key, counter: None, parents };
            tables.push((table, Vec::new()));
        }
        let Some((table, keys)) = tables.last_mut() else { continue };
        if let Value::Integer(place @ 1..) = key {
            keys.push((place, name.clone()));
        }
        if let Value::Text(counter) = counter {
            table.counter = Some(counter);
        }
        table.columns.push(Column { name, kind });
    }
    tables.into_iter().map(|(table, keys)| whole(table, keys, parents)).collect()
}

fn whole(mut table: Table, mut keys: Vec<(i64, String)>, parents: &[Row]) -> Result<Table, Fault> {
    if keys.is_empty() {
        return Err(Fault::new(format!("the table {} has no primary key", table.name)));
    }
    keys.sort();
    table.key = keys.into_iter().map(|(_, name)| name).collect();
    for Row(parent) in parents {
        if let [Value::Text(child), Value::Text(parent)] = parent.as_slice()
            && *child == table.name
            && *parent != table.name
        {
            table.parents.push(parent.clone());
        }
    }
    Ok(table)
}

/// Puts every table after those that it has foreign keys to.
pub(super) fn parents_first(mut tables: Vec<Table>) -> Result<Vec<Table>, Fault> {
    let mut sorted: Vec<Table> = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let is_ready = |table: &Table| {
            table.parents.iter().all(|parent| sorted.iter().any(|done| done.name == *parent))
        };
        let (ready, rest): (Vec<_>, Vec<_>) = tables.into_iter().partition(is_ready);
        if ready.is_empty() {
            return Err(Fault::new("the foreign keys of the tables go round in a circle"));
        }
        sorted.extend(ready);
        tables = rest;
    }
    Ok(sorted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(table: &str, name: &str, kind: &str, key: i64) -> Row {
        let text = |text: &str| Value::Text(text.into());
        Row(vec![text(table), text(name), text(kind), Value::Integer(key), Value::Null])
    }

    fn parent(child: &str, parent: &str) -> Row {
        Row(vec![Value::Text(child.into()), Value::Text(parent.into())])
    }

    #[test]
    fn tables_come_after_their_parents() {
        let columns = ["a", "b", "c"].map(|name| column(name, "id", "BIGINT", 1)).to_vec();
        let parents = vec![parent("a", "c"), parent("a", "b"), parent("c", "b"), parent("b", "b")];
        let sorted = parents_first(tables(columns.clone(), &parents).unwrap()).unwrap();
        let names: Vec<_> = sorted.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["b", "c", "a"]);
        let circle = vec![parent("a", "b"), parent("b", "a")];
        assert!(parents_first(tables(columns, &circle).unwrap()).is_err());
    }

    #[test]
    fn rows_are_read_in_the_order_of_the_key() {
        let columns = vec![
            column("odd \"name", "first", "text", 2),
            column("odd \"name", "other", "bytea", 0),
            column("odd \"name", "second", "INTEGER", 1),
        ];
        let table = &tables(columns, &[]).unwrap()[0];
        assert_eq!(
            table.select(" COLLATE \"C\""),
            r#"SELECT "first", "other", "second" FROM "odd ""name" ORDER BY "second", "first" COLLATE "C""#
        );
        assert!(tables(vec![column("a", "b", "real", 1)], &[]).is_err());
        assert!(tables(vec![column("a", "b", "text", 0)], &[]).is_err());
    }
}
