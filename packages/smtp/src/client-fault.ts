/** What a caller of the client role can do wrong. Nothing a peer does ends here. */

/** The mistakes. */
export type ClientFaultCode =
  /** A method was called while the session could not do it. */
  | 'SMTP_CLIENT_NOT_READY'
  /** `hostname` cannot stand in EHLO. */
  | 'SMTP_CLIENT_HOSTNAME'
  /** The content ended before or after the length that its facts say; the terminator was not sent. */
  | 'SMTP_CLIENT_CONTENT_LENGTH'

/** A mistake of the caller. */
export class ClientSessionError extends Error {
  override readonly name: string = 'ClientSessionError'
  readonly code: ClientFaultCode

  constructor(code: ClientFaultCode, message: string) {
    super(message)
    this.code = code
  }
}
