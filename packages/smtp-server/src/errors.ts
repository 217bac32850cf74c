/** Faults of our own: a wrong setting, a handler that does not answer, a server used after its end. */

/** Stable codes of `SmtpServerError`. */
export type SmtpServerErrorCode =
  /** A handler did not answer within `answerTimeoutMs`. */
  | 'SMTP_SERVER_ANSWER_TIMEOUT'
  /** A handler's answer does not fit the question. */
  | 'SMTP_SERVER_ANSWER'
  /** `mechanisms` names one that does not exist. */
  | 'SMTP_SERVER_MECHANISM'
  /** A setting names what is neither an address nor a network. */
  | 'SMTP_SERVER_NETWORK'
  /** A key and its certificate do not fit, there is none, or the ticket keys are not 48 bytes; `cause` has the details. */
  | 'SMTP_SERVER_CERTIFICATE'
  /** `replaceCertificates` was called on a server without TLS. */
  | 'SMTP_SERVER_NO_TLS'
  /** The content that a handler reads will never come whole: the client went away, or a limit was reached. */
  | 'SMTP_SERVER_CONTENT_ABORTED'
  /** `listen` was called on a server that is stopping. */
  | 'SMTP_SERVER_STOPPED'

/** A fault of the program, never of a peer. */
export class SmtpServerError extends Error {
  /** Always `SmtpServerError`. */
  override readonly name: string = 'SmtpServerError'
  /**
   * Of `SMTP_SERVER_ANSWER` and `SMTP_SERVER_ANSWER_TIMEOUT` the observer is told (`fault`); `SMTP_SERVER_CONTENT_ABORTED`
   * comes to who reads the content, the others to who makes or calls the server.
   */
  readonly code: SmtpServerErrorCode

  constructor(code: SmtpServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
