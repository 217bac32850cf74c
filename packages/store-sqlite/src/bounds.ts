/** What bounds a store's memory, its waits and its log. Not options: a test sets others. */

/** Bounds of one store. */
export interface Bounds {
  /** What content in transit holds in memory at most, over all messages, in bytes. */
  readonly stagedBytes: number
  /** How often to look for work that another process has added without ringing, in milliseconds. */
  readonly lookMs: number
  /** How long to wait for a lock that another process holds, in milliseconds. */
  readonly lockWaitMs: number
  /** A log that has grown by this much is moved into the database beside the traffic; what is left of the file, in bytes. */
  readonly checkpointBytes: number
  /** A log this long is moved by the writer itself: beside the traffic nobody could finish, so the file only grew. */
  readonly longestLogBytes: number
  /** A group with so many queued entries or fewer is short: what is leased leaves nothing behind. 1 or more. */
  readonly shortGroup: number
  /** Most places that the leases of a long group leave behind, until they go together. */
  readonly takenPlaces: number
}

/** 256 of the longest pieces; 5 seconds, twice; 32 MiB and 256 MiB of log; places of some pages. */
export const BOUNDS: Bounds = {
  stagedBytes: 67_108_864,
  lookMs: 5_000,
  lockWaitMs: 5_000,
  checkpointBytes: 33_554_432,
  longestLogBytes: 268_435_456,
  shortGroup: 32,
  takenPlaces: 64,
}
