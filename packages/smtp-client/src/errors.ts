/** Mistakes of the program that uses the client; nothing a peer does ends here. */

/** Stable codes of `SmtpClientError`. */
export type SmtpClientErrorCode =
  /** `deliver` was called after the delivery was disposed. */
  | 'SMTP_CLIENT_DISPOSED'
  /** `proxyHeader` of a destination holds what is no address or no port, or addresses of two families; nobody was called. */
  | 'SMTP_CLIENT_PROXY_HEADER'

/** A mistake of the caller. */
export class SmtpClientError extends Error {
  override readonly name: string = 'SmtpClientError'
  /** What the mistake was. */
  readonly code: SmtpClientErrorCode

  constructor(code: SmtpClientErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
