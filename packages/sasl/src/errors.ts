/** Faults of the program that runs an exchange. What a peer sends never throws. */

/** An exchange was used out of its order: a bug of the caller. `code` is stable. */
export class SaslOrderError extends Error {
  /** The only one: a method was called that the exchange does not wait for. */
  readonly code = 'SASL_OUT_OF_ORDER'
  override readonly name = 'SaslOrderError'

  constructor(call: string, expected: string) {
    super(`${call} was called where the exchange expects ${expected}`)
  }
}

/** The keys that were looked up are none of the mechanism, or the decoy none: a fault of what stores them. `code` is stable. */
export class SaslKeysError extends Error {
  /** The only one: keys of another mechanism, or a length or number that none can have. */
  readonly code = 'SASL_KEYS'
  override readonly name = 'SaslKeysError'
}
