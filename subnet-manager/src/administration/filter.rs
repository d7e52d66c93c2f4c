//! What of a request's record has to be found in a record.

use super::layout::{LONGEST, Layout};

/// A component mask and the template that it applies to, as bits to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    /// The components to match.
    mask: u64,
    bits: [u8; LONGEST],
    wanted: [u8; LONGEST],
    length: usize,
}

impl Filter {
    /// The filter of a component mask for a record of this layout. `None` when the mask has a bit that stands for nothing.
    pub(super) fn new(layout: &Layout, mask: u64, template: &[u8]) -> Option<Self> {
        if mask & !layout.known() != 0 {
            return None;
        }
        let mut filter = Self { mask, bits: [0; LONGEST], wanted: [0; LONGEST], length: layout.length };
        for component in layout.components.iter().filter(|component| mask >> component.bit & 1 == 1) {
            for bit in component.at..component.at + component.width {
                let byte = usize::from(bit / 8);
                filter.bits[byte] |= 0x80 >> (bit % 8);
            }
        }
        for ((wanted, bits), given) in filter.wanted.iter_mut().zip(&filter.bits).zip(template) {
            *wanted = given & bits;
        }
        Some(filter)
    }

    /// The same filter without some components: they are matched by other means.
    pub(super) fn without(self, layout: &Layout, components: u64) -> Self {
        let mask = self.mask & !components;
        Self::new(layout, mask, &self.wanted).unwrap_or(self)
    }

    /// Whether the mask has all these components.
    pub(super) fn has(&self, components: u64) -> bool {
        self.mask & components == components
    }

    /// Whether a record has what is asked for.
    pub(super) fn matches(&self, record: &[u8]) -> bool {
        let compared = record.iter().zip(&self.bits).zip(&self.wanted).take(self.length);
        compared.fold(0, |different, ((byte, bits), wanted)| different | (byte & bits) ^ wanted) == 0
    }
}
