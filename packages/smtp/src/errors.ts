/** Faults of the program that uses a session; nothing a peer sends ever makes one. */

/** Stable codes of `LocalProtocolError`. */
export type SmtpErrorCode =
  /** An answer was given while no event waited for one. */
  | 'SMTP_NO_EVENT_WAITING'
  /** The event that waits cannot be answered with this reply, or the reply is none. */
  | 'SMTP_REPLY_NOT_ALLOWED'
  /** LMTP: the replies to the end of data are not one for each accepted recipient. */
  | 'SMTP_REPLY_COUNT'
  /** A method was called in a state in which it has no meaning. */
  | 'SMTP_WRONG_STATE'
  /** A limit is below what RFC 5321, RFC 4954 or RFC 9422 demands of every server; the message names limit and section. */
  | 'SMTP_LIMIT_BELOW_FLOOR'

/** Misuse of a session by our own side. Its message holds nothing a peer sent. */
export class LocalProtocolError extends Error {
  override readonly name: string = 'LocalProtocolError'
  readonly code: SmtpErrorCode

  constructor(code: SmtpErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
