/** How long a client waits (RFC 5321 §4.5.3.2). */

/** One time for each kind of wait, in milliseconds. */
export interface ClientDeadlines {
  /** For the greeting; default 5 min (RFC 5321 §4.5.3.2.1). */
  readonly greetingMs: number
  /** For the reply to EHLO, HELO, LHLO, STARTTLS, each step of AUTH, and commands without a time of their own; default 5 min. */
  readonly commandMs: number
  /** For the TLS handshake; default 2 min. */
  readonly tlsMs: number
  /** For the reply to MAIL and RSET; default 5 min (RFC 5321 §4.5.3.2.2). */
  readonly mailMs: number
  /** For the reply to each RCPT; default 5 min (RFC 5321 §4.5.3.2.3). */
  readonly rcptMs: number
  /** For the reply to DATA; default 2 min (RFC 5321 §4.5.3.2.4). */
  readonly dataMs: number
  /** Until the peer has taken the next part of the content, or answered a BDAT; default 3 min (RFC 5321 §4.5.3.2.5). */
  readonly blockMs: number
  /** For each reply to the end of data; default 10 min (RFC 5321 §4.5.3.2.6). Shorter makes duplicates. */
  readonly terminationMs: number
  /** For the reply to ATRN; default 10 min, the floor of RFC 2645 §5.2.1. */
  readonly turnMs: number
  /** For the reply to QUIT; default 10 s: nothing depends on it. */
  readonly quitMs: number
}

const MINUTE = 60_000

/** The defaults: the floor of RFC 5321 §4.5.3.2. */
export const CLIENT_DEADLINES: ClientDeadlines = {
  greetingMs: 5 * MINUTE,
  commandMs: 5 * MINUTE,
  tlsMs: 2 * MINUTE,
  mailMs: 5 * MINUTE,
  rcptMs: 5 * MINUTE,
  dataMs: 2 * MINUTE,
  blockMs: 3 * MINUTE,
  terminationMs: 10 * MINUTE,
  turnMs: 10 * MINUTE,
  quitMs: 10_000,
}
