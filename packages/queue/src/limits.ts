/**
 * The port of limits shared by every process: rates, concurrency, and marks that expire.
 */

/**
 * Counts over all processes of a store, atomic among all callers. Not durable: a crash may forget what was counted last, or
 * all of it, and then rates are full, places free and marks new. Every promise rejects with `QueueUnavailableError` as
 * those of a `Queue` do; after a rejected `take` tokens may be spent, and places taken until they run out.
 */
export interface Limits {
  /**
   * Takes from every key or from none. Rates take `cost` tokens; concurrency takes one place until `give`, or until
   * `ttlMs` pass without `extend` (its holder died). `retryAt` says when to ask again: milliseconds since the epoch;
   * for concurrency, where nobody knows, a short while from now. It is always later than now. Nobody waits in a line: who
   * asks first then, takes. A cost above a rate's burst waits for a full bucket and leaves a debt, so it is not refused
   * for ever.
   */
  take(keys: readonly LimitKey[], cost: number, ttlMs: number): Promise<Permit | Refusal>
  /** Keeps the places of a permit for another `ttlMs` from now. A permit that ran out or was given back stays lost. */
  extend(permit: Permit, ttlMs: number): Promise<void>
  /**
   * Gives the places back; the tokens of rates are spent. The holder's to do. Harmless a second time, and once it ran
   * out.
   */
  give(permit: Permit): Promise<void>
  /**
   * Says whether the key was marked before and has not expired, and marks it for `ttlMs` where it was not. `seen` does
   * not prolong. Expired marks go by themselves.
   */
  mark(key: string, ttlMs: number): Promise<'new' | 'seen'>
}

/** One limit. The same name with other numbers counts on with the new numbers. */
export type LimitKey =
  | {
      readonly kind: 'rate'
      readonly name: string
      /** Tokens that come back in `perMs`; also the most that can lie ready (the burst) unless `burst` says otherwise. */
      readonly tokens: number
      /** Milliseconds. */
      readonly perMs: number
      readonly burst?: number
    }
  | { readonly kind: 'concurrency'; readonly name: string; readonly places: number }

/** What was taken. Opaque but for its kind: hand it back to the `Limits` it came from. */
export interface Permit {
  readonly kind: 'permit'
  /** Unlike that of any other permit; the places are held in its name. */
  readonly id: string
  /** As `take` was given them. */
  readonly keys: readonly LimitKey[]
}

/** Nothing was taken. */
export interface Refusal {
  readonly kind: 'refused'
  /** When asking again makes sense, in milliseconds since the epoch. */
  readonly retryAt: number
}
