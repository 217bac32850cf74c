/**
 * What one server session may use, each with the floor that a standard sets.
 *
 * A limit below a floor that a standard demands makes a session that refuses what every server must take; it is a mistake
 * and thrown, unless `belowFloors` says that it is meant. The floor of a timeout is what a server should keep, and free.
 */

import { LocalProtocolError } from './errors.ts'

/**
 * Limits of one session. All are on by default but `maxTransactions` and `maxContentLineBytes`, because neither would bound
 * anything of ours: a transaction keeps nothing once it is over, and who sends many messages is served best over one
 * connection; no line of content is kept whole, and mail with longer lines exists.
 */
export interface SessionLimits {
  /**
   * A command line with its CRLF, in bytes; 2,048. At least 512 (RFC 5321 §4.5.3.1.4); where the extensions of a session
   * make MAIL or RCPT longer than it, they are taken as long as that. Longer: 500 5.5.6.
   */
  readonly maxCommandLineBytes: number
  /**
   * A response line within AUTH with its CRLF, in bytes, and a line of AUTH with its initial response, where it may come;
   * 12,288, which is the least (RFC 4954 §4). Longer: 500 5.5.6.
   */
  readonly maxAuthLineBytes: number
  /**
   * Content of one message in bytes, as RFC 1870 §5 counts it; 50 MiB. At least 64 KiB (RFC 5321 §4.5.3.1.7).
   * Declared larger: 552 5.3.4 to MAIL; really larger: 552 5.3.4 after the end of data or to the BDAT that went over it.
   * Of BDATs that are out of order as many octets are read and dropped since the last message; a longer one is answered
   * 421.
   */
  readonly maxMessageBytes: number
  /**
   * Accepted recipients in one transaction; 1,000. At least 100 (RFC 5321 §4.5.3.1.8). More: 452 4.5.3; behind as many
   * of those since the last message 421.
   */
  readonly maxRecipients: number
  /**
   * Transactions in one session: MAIL commands that were accepted; `Infinity`: off. At least 1. More: 452 4.5.3, so that the
   * client comes back later (RFC 9422 §4).
   */
  readonly maxTransactions: number
  /** A line of content without its CRLF, in bytes; `Infinity`: off. At least 998 (RFC 5321 §4.5.3.1.6). Longer: 550 5.6.0. */
  readonly maxContentLineBytes: number
  /**
   * Commands refused by the session itself (unknown, malformed, out of order) since the last message; 20. Then 421. What a
   * client sent in one flight behind a MAIL or RCPT that was refused is none of them.
   */
  readonly maxErrors: number
  /**
   * How long the reply to the sixth of these mistakes is held back, in milliseconds; 1 second. To the seventh twice as
   * long, and so on up to ten times as long. 0: never. See `ServerSession.delayMs`.
   */
  readonly errorDelayMs: number
  /**
   * Commands that carried no mail forward since the last message: every command but QUIT, and of MAIL, RCPT, DATA, BDAT
   * and content only those that were refused, and `BDAT 0`; 100. Then 421. RCPT, DATA, BDAT and content do not count in
   * LMTP, where the peer is one's own.
   */
  readonly maxIdleCommands: number
  /** AUTH commands that failed with 5yz in a session, before and after STARTTLS; 3. The last is answered 421. */
  readonly maxAuthFailures: number
  /**
   * Bytes of commands, not of content, from a client that has not authenticated, since the last message; 4 MiB. Then 421.
   * What is skipped of a line that was too long counts.
   */
  readonly maxUnauthenticatedBytes: number
  /** How long to wait for a command, in milliseconds; 5 minutes (RFC 5321 §4.5.3.2.7). */
  readonly commandTimeoutMs: number
  /** How long to wait for the next bytes of content, in milliseconds; 3 minutes (RFC 5321 §4.5.3.2.5). */
  readonly contentTimeoutMs: number
}

/** The defaults of `SessionLimits`. */
export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  maxCommandLineBytes: 2_048,
  maxAuthLineBytes: 12_288,
  maxMessageBytes: 50 * 1_024 * 1_024,
  maxRecipients: 1_000,
  maxTransactions: Number.POSITIVE_INFINITY,
  maxContentLineBytes: Number.POSITIVE_INFINITY,
  maxErrors: 20,
  errorDelayMs: 1_000,
  maxIdleCommands: 100,
  maxAuthFailures: 3,
  maxUnauthenticatedBytes: 4 * 1_024 * 1_024,
  commandTimeoutMs: 5 * 60_000,
  contentTimeoutMs: 3 * 60_000,
}

/** A limit that a standard demands, and where. */
interface Floor {
  readonly limit: keyof SessionLimits
  readonly least: number
  readonly demandedBy: string
}

const FLOORS: readonly Floor[] = [
  { limit: 'maxCommandLineBytes', least: 512, demandedBy: 'RFC 5321 §4.5.3.1.4' },
  { limit: 'maxAuthLineBytes', least: 12_288, demandedBy: 'RFC 4954 §4' },
  { limit: 'maxMessageBytes', least: 65_536, demandedBy: 'RFC 5321 §4.5.3.1.7' },
  { limit: 'maxRecipients', least: 100, demandedBy: 'RFC 5321 §4.5.3.1.8' },
  { limit: 'maxContentLineBytes', least: 998, demandedBy: 'RFC 5321 §4.5.3.1.6' },
  { limit: 'maxTransactions', least: 1, demandedBy: 'RFC 9422 §4' },
]

/** Limits made whole are kept for the object they were made of: the sessions of a server share one. */
const MADE = new WeakMap<Partial<SessionLimits>, { readonly limits: SessionLimits; readonly lineBytes: number }>()

/**
 * The limits of a session: those given, the defaults for the rest.
 *
 * @param lineBytes How long a command line must be able to be (`ExtensionTable.lineBytes`), unless floors do not count.
 * @throws {LocalProtocolError} `SMTP_LIMIT_BELOW_FLOOR` for a limit below its floor, unless these are allowed.
 */
export function sessionLimits(
  given: Partial<SessionLimits>,
  belowFloors: 'refuse' | 'allow',
  lineBytes: number,
): SessionLimits {
  const made = MADE.get(given)
  if (made?.lineBytes === lineBytes && belowFloors === 'refuse') return made.limits
  const asked: SessionLimits = { ...DEFAULT_SESSION_LIMITS, ...given }
  if (belowFloors === 'allow') return asked
  for (const { limit, least, demandedBy } of FLOORS) {
    if (asked[limit] >= least) continue
    throw new LocalProtocolError('SMTP_LIMIT_BELOW_FLOOR', `${limit} must be at least ${least} (${demandedBy})`)
  }
  const limits = { ...asked, maxCommandLineBytes: Math.max(asked.maxCommandLineBytes, lineBytes) }
  MADE.set(given, { limits, lineBytes })
  return limits
}
