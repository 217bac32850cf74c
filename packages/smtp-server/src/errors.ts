/** Faults of our own: a wrong setting, a handler that does not answer, a server used after its end. */

/** Stable codes of `SmtpServerError`. */
export type SmtpServerErrorCode =
  /** A handler did not answer within `answerTimeoutMs`. */
  | 'SMTP_SERVER_ANSWER_TIMEOUT'
  /** A handler's answer does not fit the question. */
  | 'SMTP_SERVER_ANSWER'
  /** `mechanisms` names one that does not exist. */
  | 'SMTP_SERVER_MECHANISM'
  /** `listen` was called on a server that is stopping. */
  | 'SMTP_SERVER_STOPPED'

/** A fault of the program, never of a peer. */
export class SmtpServerError extends Error {
  override readonly name: string = 'SmtpServerError'
  readonly code: SmtpServerErrorCode

  constructor(code: SmtpServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
