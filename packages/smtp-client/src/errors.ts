/** Mistakes of the program that uses the client; nothing a peer does ends here. */

/** Stable codes of `SmtpClientError`. */
export type SmtpClientErrorCode =
  /** `deliver` was called after the delivery was disposed. */
  'SMTP_CLIENT_DISPOSED'

/** A mistake of the caller. */
export class SmtpClientError extends Error {
  override readonly name: string = 'SmtpClientError'
  readonly code: SmtpClientErrorCode

  constructor(code: SmtpClientErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
