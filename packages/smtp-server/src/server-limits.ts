/** What one server may use: the limits of each session, and of all together. */

import { DEFAULT_SESSION_LIMITS } from '@postroad/smtp'
import type { SessionLimits } from '@postroad/smtp'

/** Limits of a server. All are on by default but two of each session's: `maxTransactions` and `maxContentLineBytes`. */
export interface ServerLimits extends SessionLimits {
  /** Sessions at a time; 2,000. More are greeted with 421. */
  readonly maxSessions: number
  /**
   * Sessions at a time from one IPv4 address, or from one IPv6 network of 64 bits, which is what one customer has; 100.
   * Loopback and unix sockets are exempt. More are greeted with 421. Behind a proxy the client's address counts.
   */
  readonly maxSessionsPerAddress: number
  /** How long a session may last, whatever it does, in milliseconds; 4 hours. Then 421. */
  readonly sessionLifetimeMs: number
  /**
   * How fast content must come in, in bytes per second, while we wait for it; 512. 0: only `contentTimeoutMs` counts.
   *
   * A client begins with `contentTimeoutMs` to spare; waiting for it takes from that, each byte gives back its part of a
   * second, and never is there more. With nothing left: 421. What our side takes to store the content does not count.
   */
  readonly minContentBytesPerSecond: number
  /**
   * How long a client may be waited for within the content of one message, in milliseconds; 2 hours. Then 421. It bounds
   * what the pace allows; as there, the time that our side takes does not count.
   */
  readonly maxMessageMs: number
  /** How long a proxy may take to send its header, in milliseconds; 5 seconds. Then the connection is closed. */
  readonly proxyHeaderTimeoutMs: number
  /** How long a TLS handshake may take, in milliseconds; 30 seconds. */
  readonly handshakeTimeoutMs: number
  /**
   * How long a handler may take to answer, in milliseconds; 9 minutes: less than the 10 that a client waits for the
   * reply to the end of data (RFC 5321 §4.5.3.2.6). Then 451, and the session ends.
   */
  readonly answerTimeoutMs: number
  /**
   * How long to wait for a client to close its side after the last reply, in milliseconds; 5 seconds. Once the server
   * stops a handshake has no longer, either.
   */
  readonly lingerMs: number
}

/** The defaults of `ServerLimits`. */
export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  ...DEFAULT_SESSION_LIMITS,
  maxSessions: 2_000,
  maxSessionsPerAddress: 100,
  sessionLifetimeMs: 4 * 3_600_000,
  minContentBytesPerSecond: 512,
  maxMessageMs: 2 * 3_600_000,
  proxyHeaderTimeoutMs: 5_000,
  handshakeTimeoutMs: 30_000,
  answerTimeoutMs: 9 * 60_000,
  lingerMs: 5_000,
}
