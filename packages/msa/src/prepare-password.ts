/**
 * The form in which names and passwords are compared (RFC 4616 §2): that of SASLprep (RFC 4013), so that who types the same
 * in another way is let in.
 */

import { saslprep } from '@postroad/sasl'

/**
 * A new password in the form that a verifier is to be made of; `undefined` where it cannot be one: it holds what SASLprep
 * forbids or does not know (control characters, emoji ...), mixes directions, or nothing is left of it.
 */
export function preparePassword(password: string): string | undefined {
  return saslprep(password, 'stored') || undefined
}

/** A name or password that a client gave, in the same form; `undefined`: nobody's. */
export function preparePresented(text: string): string | undefined {
  return saslprep(text, 'query') || undefined
}
