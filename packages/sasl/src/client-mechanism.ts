/** The client's side of a SASL mechanism (RFC 4422 §3) as a machine without I/O. */

/** One authentication exchange. */
export interface ClientMechanism {
  /** As registered: `PLAIN`. */
  readonly name: string
  /** The initial response; `undefined` where the mechanism waits for the server's first challenge. */
  start(): Uint8Array | undefined
  /** The response to a challenge; `undefined`: give up, the server does not keep to the mechanism. */
  receive(challenge: Uint8Array): Uint8Array | undefined
}
