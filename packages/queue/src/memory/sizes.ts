/**
 * How much memory is taken at once, and how much is kept of what is not needed any more. In one place so that a test can have
 * all of it small: then it is used again, grown and let go after a few steps already.
 */

/** A page has as many cells, a power of two, as fit into so many bytes; one at least. */
export const PAGE_BYTES = 65_536
/** How many pages without a taken cell are kept, of each size of cells. */
export const MOST_SPARE_PAGES = 4

/** Places of an index to begin with, and fewest; a power of two. */
export const FEWEST_INDEX_PLACES = 1_024

/** Places of a roll to begin with. */
export const FIRST_ROLL_PLACES = 8
/** Fewer places of a roll than this are not closed up. */
export const FEW_ROLL_PLACES = 64

/** Fewer ids that are forgotten than this are not closed up. */
export const FEW_FORGOTTEN_IDS = 1_000
