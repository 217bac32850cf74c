/** What a caller of the client role can do wrong. Nothing a peer does ends here. */

/** The mistakes. */
export type ClientFaultCode =
  /** A method was called while the session could not do it. */
  | 'SMTP_CLIENT_NOT_READY'
  /** `hostname` cannot stand in EHLO: it is empty, has a space or a control character, or no form in ASCII. */
  | 'SMTP_CLIENT_HOSTNAME'
  /** What was given does not make one command line (it is empty, or holds a control character), or has its own method. */
  | 'SMTP_CLIENT_COMMAND'
  /** A parameter for MAIL or RCPT is no `esmtp-param` (RFC 5321 §4.1.2). */
  | 'SMTP_CLIENT_PARAMETER'
  /** The content ended before or after the length that its facts say; the terminator was not sent. */
  | 'SMTP_CLIENT_CONTENT_LENGTH'

/** A mistake of the caller. */
export class ClientSessionError extends Error {
  /** Always `ClientSessionError`. */
  override readonly name: string = 'ClientSessionError'
  /**
   * `SMTP_CLIENT_HOSTNAME` comes when a session is made. After `SMTP_CLIENT_CONTENT_LENGTH` it must be dropped (`lost`);
   * after the others it stands as before.
   */
  readonly code: ClientFaultCode

  constructor(code: ClientFaultCode, message: string) {
    super(message)
    this.code = code
  }
}

/** A method was called while the session could not do it. */
export function notReady(): ClientSessionError {
  return new ClientSessionError('SMTP_CLIENT_NOT_READY', 'The session cannot take this command now.')
}
