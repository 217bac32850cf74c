/** Faults of the program that runs an exchange. What a peer sends never throws. */

/** An exchange was used out of its order: a bug of the caller. `code` is stable. */
export class SaslOrderError extends Error {
  readonly code = 'SASL_OUT_OF_ORDER'
  override readonly name = 'SaslOrderError'

  constructor(call: string, state: string) {
    super(`${call} was called while the exchange was ${state}`)
  }
}
