/** What a caller of the client role can do wrong. Nothing a peer does ends here. */

/** The mistakes. */
export type ClientFaultCode =
  /** A method was called while the session could not do it. */
  | 'SMTP_CLIENT_NOT_READY'
  /** `hostname` cannot stand in EHLO. */
  | 'SMTP_CLIENT_HOSTNAME'
  /** What was given does not make one command line (it is empty, or holds a control character), or has its own method. */
  | 'SMTP_CLIENT_COMMAND'
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

/** A method was called while the session could not do it. */
export function notReady(): ClientSessionError {
  return new ClientSessionError('SMTP_CLIENT_NOT_READY', 'The session cannot take this command now.')
}

/** @throws {ClientSessionError} `SMTP_CLIENT_HOSTNAME` where the name would not be one word of EHLO. */
export function expectHostname(hostname: string): void {
  if (/^[^\u0000-\u0020\u007f]+$/.test(hostname)) return
  throw new ClientSessionError(
    'SMTP_CLIENT_HOSTNAME',
    'The hostname for EHLO is empty or holds a space or a control character.',
  )
}
