/** Reads AUTH and the responses that follow it (RFC 4954 §4), or refuses them. */

import { fromBase64 } from '@postroad/bytes'
import { reply } from '@postroad/envelope'
import { findMechanism, offerMechanisms } from '@postroad/sasl'
import type { TlsView } from './handler.ts'
import type { Line } from './line-reader.ts'
import type { Request } from './requests.ts'
import * as say from './session-replies.ts'

/** What a session allows of AUTH at this moment. */
export interface AuthState {
  /** All that the session was given, in upper case, in order of preference. */
  readonly mechanisms: readonly string[]
  /** The session is protected, or need not be: what shows a password may be used. */
  readonly safe: boolean
  readonly authenticated: boolean
  /** What protects the session; `undefined`: nothing. */
  readonly tls?: TlsView | undefined
}

/** AUTH, judged. */
export interface AuthRequest {
  /** In upper case, one of those allowed. */
  readonly mechanism: string
  /** Decoded; absent where none was sent, empty for `=`. */
  readonly initialResponse?: Uint8Array
}

const CLIENT_MUST_WAIT = reply(501, '5.7.0', 'This mechanism takes no initial response')

/**
 * The mechanisms that can be used at this moment: what shows a password only where that is safe, what binds the channel
 * under TLS that can be bound, EXTERNAL where the client showed a certificate that was verified. One that is not known
 * is taken for one that shows a password. Before authentication only.
 */
export function offeredMechanisms({ mechanisms, safe, authenticated, tls }: AuthState): readonly string[] {
  if (authenticated) return []
  const situation = {
    confidential: safe,
    bindable: tls !== undefined && tls.bindable !== false,
    certificate: tls?.clientCertificate?.verified === true,
    // A session is given those alone that its handler can answer for.
    keys: true,
    secrets: true,
  }
  return mechanisms.filter((name) =>
    findMechanism(name) === undefined ? safe : offerMechanisms([name], situation).length > 0,
  )
}

/** Reads the argument of AUTH. */
export function readAuth(argument: string, state: AuthState): Request<AuthRequest> {
  if (state.mechanisms.length === 0) return { ok: false, reply: say.NOT_IMPLEMENTED }
  // RFC 4954 §4: no second AUTH after one that succeeded.
  if (state.authenticated) return { ok: false, reply: say.AUTH_ALREADY }
  const offered = offeredMechanisms(state)
  if (offered.length === 0 && !state.safe) return { ok: false, reply: say.AUTH_NEEDS_TLS }
  const [name = '', initial, more] = argument.split(' ', 3)
  if (name === '' || initial === '' || more !== undefined) return { ok: false, reply: say.AUTH_SYNTAX }
  const mechanism = name.toUpperCase()
  if (!offered.includes(mechanism)) {
    const withheld = state.mechanisms.includes(mechanism) && !state.safe
    return { ok: false, reply: withheld ? say.AUTH_NEEDS_TLS : say.AUTH_UNKNOWN }
  }
  if (initial === undefined) return { ok: true, value: { mechanism } }
  // RFC 4954 §4: where the server speaks first, the client must not.
  if (findMechanism(mechanism)?.clientFirst === 'no') return { ok: false, reply: CLIENT_MUST_WAIT }
  // RFC 4954 §4: an empty initial response is sent as a single equals sign.
  const initialResponse = fromBase64(initial === '=' ? '' : initial)
  if (initialResponse === undefined) return { ok: false, reply: say.AUTH_NOT_BASE64 }
  return { ok: true, value: { mechanism, initialResponse } }
}

/** Reads a response to a challenge; `*` gives up (RFC 4954 §4). */
export function readAuthResponse(line: Line): Request<Uint8Array> {
  if (line.kind === 'fault') {
    return { ok: false, reply: line.fault === 'too-long' ? say.AUTH_LINE_TOO_LONG : say.AUTH_NOT_BASE64 }
  }
  if (line.text === '*') return { ok: false, reply: say.AUTH_CANCELLED }
  const response = fromBase64(line.text)
  return response === undefined ? { ok: false, reply: say.AUTH_NOT_BASE64 } : { ok: true, value: response }
}
