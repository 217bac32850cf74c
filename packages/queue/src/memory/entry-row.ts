/** The row of an entry: twelve numbers, by their places. */

export const SERIAL = 0
export const GROUP_PLACE = 1
/** Its number in the list that it waits in: of its lane, or of what is held; 0 where it is in neither. */
export const PLACE = 2
export const HEAP_INDEX = 3
export const LANE = 4
export const ENQUEUED_AT = 5
export const NOT_BEFORE = 6
export const LEASE_UNTIL = 7
export const LEASES = 8
/** The state in two bits, then one each for `recovered` and `alone`, then the deaths. */
export const FLAGS = 9
/** Where its record lies. */
export const RECORD = 10
/** How long the job is, with which the record begins. */
export const JOB_BYTES = 11
export const ROW_BYTES = 96
