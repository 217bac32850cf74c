/** What a server is asked to judge, by the kind of proof. */

/** What a client proves itself with. Passwords and tokens are never logged. */
export type ServerCredentials = PasswordCredentials | TokenCredentials | CertificateCredentials | ProofCredentials

/** A name and a password, as PLAIN and LOGIN bring them. */
export interface PasswordCredentials {
  readonly kind: 'password'
  /** Whom the client wants to act as; `''` where it named nobody: then as `authenticationId`. */
  readonly authorizationId: string
  /** Whose password it is, as the client sent it: 1 to 255 octets of UTF-8 without NUL, not prepared by SASLprep. */
  readonly authenticationId: string
  /** As the client sent it: 1 to 255 octets of UTF-8 without NUL, not prepared by SASLprep. */
  readonly password: string
}

/** A bearer token of OAuth 2.0, as OAUTHBEARER (RFC 7628 §3.1) and XOAUTH2 bring it. */
export interface TokenCredentials {
  readonly kind: 'token'
  /** Whom the client wants to act as; `''` where it named nobody: then as whom the token is for. */
  readonly authorizationId: string
  /** Not empty; the characters of a `b64token`. */
  readonly token: string
  /** The host that the client says it called; whoever knows our names must compare (RFC 7628 §3.2). */
  readonly host?: string
  /** The port that the client says it called, 1 to 65535. */
  readonly port?: number
}

/** What the channel knows of the client, as a certificate of TLS (EXTERNAL, RFC 4422 Appendix A). */
export interface CertificateCredentials {
  readonly kind: 'certificate'
  /** Whom the client wants to act as; `''` where it named nobody: then as whom the certificate is for. */
  readonly authorizationId: string
}

/** The client has proved that it knows the password (SCRAM, CRAM-MD5): what is left to judge is whom it may act as. */
export interface ProofCredentials {
  readonly kind: 'proof'
  /** By which mechanism. */
  readonly mechanism: string
  /** Whom the client wants to act as; `''` where it named nobody: then as `authenticationId`. */
  readonly authorizationId: string
  /** Whose keys or secret were looked up. */
  readonly authenticationId: string
}

/** What was wrong with a token, told to the client before the exchange fails (RFC 7628 §3.2.2). */
export interface TokenRefusal {
  /** An error code of OAuth 2.0; default `invalid_token`. */
  readonly status?: string
  /** A scope that would be let in. */
  readonly scope?: string
  /** The URL of an OpenID provider's configuration. */
  readonly openidConfiguration?: string
}
