/** What one server session may use, each with the floor that a standard sets. */

/** Limits of one session. All on by default. */
export interface SessionLimits {
  /** A command line with its CRLF, in bytes; 2,048. At least 512 (RFC 5321 §4.5.3.1.4). Longer: 500 5.5.6. */
  readonly maxCommandLineBytes: number
  /** A response line within AUTH with its CRLF, in bytes; 12,288 (RFC 4954 §4). Longer: 500 5.5.6. */
  readonly maxAuthLineBytes: number
  /**
   * Content of one message in bytes, as RFC 1870 §5 counts it; 50 MiB. At least 64 KiB (RFC 5321 §4.5.3.1.7).
   * Declared larger: 552 5.3.4 to MAIL; really larger: 552 5.3.4 after the end of data.
   */
  readonly maxMessageBytes: number
  /**
   * Accepted recipients in one transaction; 1,000. At least 100 (RFC 5321 §4.5.3.1.8). More: 452 4.5.3; behind as many
   * of those since the last message 421.
   */
  readonly maxRecipients: number
  /** A line of content without its CRLF, in bytes; unlimited. At least 998 (RFC 5321 §4.5.3.1.6). Longer: 550 5.6.0. */
  readonly maxContentLineBytes: number
  /** Commands refused by the session itself (unknown, malformed, out of order) since the last message; 20. Then 421. */
  readonly maxErrors: number
  /**
   * Commands that carried no mail forward since the last message: NOOP, RSET, VRFY, HELP, AUTH, STARTTLS, a hello; MAIL,
   * RCPT, DATA or content that was refused; 100. Then 421. RCPT, DATA and content do not count in LMTP, where the peer
   * is one's own.
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
  maxContentLineBytes: Number.POSITIVE_INFINITY,
  maxErrors: 20,
  maxIdleCommands: 100,
  maxAuthFailures: 3,
  maxUnauthenticatedBytes: 4 * 1_024 * 1_024,
  commandTimeoutMs: 5 * 60_000,
  contentTimeoutMs: 3 * 60_000,
}
