/** What a client proves itself with, and what a field of an exchange may hold (RFC 4616 §2). */

import { fromUtf8, indexOfByte, toUtf8Strict } from '@postroad/bytes'

/** What a client proves itself with. Never logged. */
export type ClientCredentials = PasswordLogin | TokenLogin | ExternalLogin

/** A user's name and password: SCRAM, PLAIN, LOGIN, CRAM-MD5. */
export interface PasswordLogin {
  /** May be left out: a password tells by itself what this is. */
  readonly kind?: 'password'
  /** Whose password it is: 1 to 255 octets of UTF-8 without NUL. */
  readonly username: string
  /** 1 to 255 octets of UTF-8 without NUL. */
  readonly password: string
  /** Whom to act as, at most 255 octets; absent or empty: as `username`. LOGIN and CRAM-MD5 have no place for it. */
  readonly authorizationId?: string
}

/** A bearer token of OAuth 2.0: OAUTHBEARER, XOAUTH2. */
export interface TokenLogin {
  readonly kind: 'token'
  /** Whom to act as: 1 to 255 octets of UTF-8 without control characters. */
  readonly username: string
  /** 1 to 8,192 characters of a `b64token`: letters, digits, `-._~+/` and `=` at the end. */
  readonly token: string
  /** The host that is called; OAUTHBEARER tells it the server where it is given. */
  readonly host?: string
  /** The port that is called, 1 to 65535; told likewise. */
  readonly port?: number
}

/** What the channel shows, as a client certificate: EXTERNAL. */
export interface ExternalLogin {
  readonly kind: 'external'
  /** Whom to act as, at most 255 octets; absent or empty: as whom the server knows by the certificate. */
  readonly authorizationId?: string
}

/** The longest identity or password in octets: what a server must take (RFC 4616 §2) and no more. */
const MAX_FIELD_OCTETS = 255

/** The text of a field that a peer sent, perhaps empty; `undefined` where it is too long, not UTF-8, or has a NUL. */
export function readField(bytes: Uint8Array, start = 0, end: number = bytes.length): string | undefined {
  if (end - start > MAX_FIELD_OCTETS) return undefined
  const text = toUtf8Strict(bytes, start, end)
  return text?.includes('\0') === true ? undefined : text
}

/** The bytes of a field to send; `undefined` where no server need take it: too long, or with a NUL or lone surrogate. */
export function writeField(text: string): Uint8Array | undefined {
  const bytes = fromUtf8(text)
  if (bytes.length > MAX_FIELD_OCTETS || indexOfByte(bytes, 0) !== -1) return undefined
  return toUtf8Strict(bytes) === text ? bytes : undefined
}
