/**
 * TLS sessions kept for resumption (RFC 8446), in memory alone.
 *
 * A session is kept with what was found out about the certificate when it began: a resumed handshake shows none, and
 * what was not verified then is not verified now. One is given out until the host sends a newer one, so that a host
 * which sends none for a resumed session goes on to be resumed; who watches the network may see that it is us again
 * (RFC 8446).
 */

/** One session. */
export interface KeptSession {
  /** Opaque, as Node gave it. Secret. */
  readonly session: Buffer
  /** The certificate was valid for the host, and chained to a root, when the session began. */
  readonly verified: boolean
  /**
   * The certificate, in DER, which an authentication is bound to (RFC 5929 §4.1); `undefined` under TLS 1.3, where it is
   * bound to the connection.
   */
  readonly certificate: Uint8Array | undefined
  /** When it was looked at, by the monotonic clock. */
  readonly verifiedAt: number
}

/** The default of `maxSessions`. */
export const MAX_SESSIONS = 500

/** Bounded in number and age. */
export class TlsSessionCache {
  readonly #maxSessions: number
  readonly #maxAgeMs: number
  readonly #kept = new Map<string, KeptSession>()

  /**
   * @param maxSessions Most sessions; the one kept longest goes first. 0: none are kept.
   * @param maxAgeMs How long after its certificate was looked at a session may be resumed.
   */
  constructor(maxSessions: number = MAX_SESSIONS, maxAgeMs = 3_600_000) {
    this.#maxSessions = maxSessions
    this.#maxAgeMs = maxAgeMs
  }

  /** How many there are. */
  get size(): number {
    return this.#kept.size
  }

  /** Keeps the latest session of a host in place of the one before. */
  keep(key: string, session: KeptSession): void {
    if (this.#maxSessions <= 0) return
    this.#kept.delete(key)
    this.#kept.set(key, session)
    if (this.#kept.size <= this.#maxSessions) return
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined) this.#kept.delete(oldest)
  }

  /** The session of a host; `undefined` where there is none that is young enough. */
  find(key: string, now: number): KeptSession | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined || now - kept.verifiedAt <= this.#maxAgeMs) return kept
    this.forget(key)
    return undefined
  }

  /** Forgets the session of a host. */
  forget(key: string): void {
    this.#kept.delete(key)
  }
}
