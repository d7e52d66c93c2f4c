//! A table of text: names at the left, a column for each run, numbers at the right of theirs.

use core::fmt;

/// Space between two columns.
const GAP: usize = 3;

/// Rows in the order in which they were added.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    rows: Vec<(String, Vec<String>)>,
}

impl Table {
    /// A table with the heading of each column.
    pub(crate) fn new(headings: impl Iterator<Item = String>) -> Self {
        Self { rows: vec![(String::new(), headings.collect())] }
    }

    /// Add a row with a cell for each column.
    pub(crate) fn row(&mut self, name: &str, cells: impl Iterator<Item = String>) {
        self.rows.push((name.into(), cells.collect()));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |text: &String| text.chars().count();
        let names = self.rows.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
        let columns = self.rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
        let widths = Vec::from_iter(
            (0..columns)
                .map(|column| self.rows.iter().filter_map(|(_, cells)| cells.get(column)).map(width).max()),
        );
        for (name, cells) in &self.rows {
            write!(f, "{name:names$}")?;
            for (cell, width) in cells.iter().zip(&widths) {
                write!(f, "{cell:>width$}", width = GAP + width.unwrap_or(0))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(["hybrid", "x"].map(str::to_owned).into_iter());
        table.row("hosts signalled", ["6", "1 / 23"].map(str::to_owned).into_iter());
        table.row("µs", ["1", "2"].map(str::to_owned).into_iter());
        let expected = "                  hybrid        x\nhosts signalled        6   1 / 23\nµs                     1        2\n";
        assert_eq!(table.to_string(), expected);
    }
}
