//! The cells of a column, kept in the narrowest width that holds them all.
//!
//! A cell is kept one higher, as blobs store it: so [`NONE`](super::NONE) is 0, and takes no more room than its neighbours.

/// A column as it is kept.
#[derive(Debug)]
pub enum Kept {
    /// In the blob, from here to there, a byte a cell.
    InPlace(u32, u32),
    Bytes(Box<[u8]>),
    Shorts(Box<[u16]>),
    Words(Box<[u32]>),
}

impl Kept {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the highest of them was looked at"
    )]
    pub fn of(cells: &[u32]) -> Self {
        let higher = cells.iter().map(|cell| cell.wrapping_add(1));
        match higher.clone().max() {
            None | Some(..=0xff) => Self::Bytes(higher.map(|cell| cell as u8).collect()),
            Some(..=0xffff) => Self::Shorts(higher.map(|cell| cell as u16).collect()),
            Some(_) => Self::Words(higher.collect()),
        }
    }

    /// The cells; `blob` is the one that the column is of.
    pub fn cells<'a>(&'a self, blob: &'a [u8]) -> Cells<'a> {
        match self {
            Self::InPlace(start, end) => Cells::Bytes(&blob[*start as usize..*end as usize]),
            Self::Bytes(cells) => Cells::Bytes(cells),
            Self::Shorts(cells) => Cells::Shorts(cells),
            Self::Words(cells) => Cells::Words(cells),
        }
    }

    /// The bytes that it takes beside the blob.
    pub fn size(&self) -> usize {
        match self {
            Self::InPlace(..) => 0,
            Self::Bytes(cells) => size_of_val(&**cells),
            Self::Shorts(cells) => size_of_val(&**cells),
            Self::Words(cells) => size_of_val(&**cells),
        }
    }
}

/// The cells of a column.
#[derive(Clone, Copy, Debug)]
pub enum Cells<'a> {
    Bytes(&'a [u8]),
    Shorts(&'a [u16]),
    Words(&'a [u32]),
}

impl<'a> Cells<'a> {
    pub const EMPTY: Self = Self::Bytes(&[]);

    pub fn len(self) -> usize {
        match self {
            Self::Bytes(cells) => cells.len(),
            Self::Shorts(cells) => cells.len(),
            Self::Words(cells) => cells.len(),
        }
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub fn get(self, row: usize) -> Option<u32> {
        let higher = match self {
            Self::Bytes(cells) => u32::from(*cells.get(row)?),
            Self::Shorts(cells) => u32::from(*cells.get(row)?),
            Self::Words(cells) => *cells.get(row)?,
        };
        Some(higher.wrapping_sub(1))
    }

    /// The cells of some rows; none when not all of them are there.
    pub fn part(self, start: usize, length: usize) -> Self {
        fn of<T>(cells: &[T], start: usize, length: usize) -> &[T] {
            let part = cells.get(start..).and_then(|rest| rest.get(..length));
            part.unwrap_or_default()
        }
        match self {
            Self::Bytes(cells) => Self::Bytes(of(cells, start, length)),
            Self::Shorts(cells) => Self::Shorts(of(cells, start, length)),
            Self::Words(cells) => Self::Words(of(cells, start, length)),
        }
    }

    pub fn iter(self) -> impl ExactSizeIterator<Item = u32> + Clone + use<'a> {
        (0..self.len()).map(move |row| self.get(row).unwrap_or(super::NONE))
    }

    /// The number of cells in front that are like that; behind them stands none.
    pub fn partition_point(self, is_so: impl Fn(u32) -> bool) -> usize {
        match self {
            Self::Bytes(cells) => {
                cells.partition_point(|&cell| is_so(u32::from(cell).wrapping_sub(1)))
            }
            Self::Shorts(cells) => {
                cells.partition_point(|&cell| is_so(u32::from(cell).wrapping_sub(1)))
            }
            Self::Words(cells) => cells.partition_point(|&cell| is_so(cell.wrapping_sub(1))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::NONE;

    #[test]
    fn cells_read_back_from_the_narrowest_width() {
        let widths = [
            (vec![], 0),
            (vec![NONE, 0, 254], 3),
            (vec![NONE, 255, 65_534], 6),
            (vec![NONE, 65_535, NONE - 1], 12),
        ];
        for (cells, size) in widths {
            let kept = Kept::of(&cells);
            assert_eq!(kept.size(), size);
            let read = kept.cells(&[]);
            assert_eq!(read.iter().collect::<Vec<u32>>(), cells);
            assert_eq!(read.get(cells.len()), None);
            assert_eq!(
                read.part(1, 2).iter().collect::<Vec<u32>>(),
                cells.get(1..).unwrap_or_default()
            );
            assert!(read.part(1, 3).is_empty() && read.part(4, 0).is_empty());
        }
    }
}
