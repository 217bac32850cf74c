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
  /** `hostname` is neither a word of printable ASCII of up to 255 octets nor a domain that has a form with A-labels. */
  | 'SMTP_HOSTNAME'
  /** What an extension would announce is no line of the reply to EHLO, or longer than one may be; the message names it. */
  | 'SMTP_EXTENSION'

/** Misuse of a session by our own side. Its message holds nothing a peer sent. */
export class LocalProtocolError extends Error {
  /** Always `LocalProtocolError`. */
  override readonly name: string = 'LocalProtocolError'
  /**
   * `SMTP_LIMIT_BELOW_FLOOR`, `SMTP_HOSTNAME` and `SMTP_EXTENSION` come when a session or an extension is
   * made, the others from the methods of a session; it stands as before then.
   */
  readonly code: SmtpErrorCode

  constructor(code: SmtpErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
