/** Reads AUTH and the responses that follow it (RFC 4954 §4), or refuses them. */

import { fromBase64 } from '@postroad/bytes'
import type { Line } from './line-reader.ts'
import type { Request } from './requests.ts'
import * as say from './session-replies.ts'

/** What a session allows of AUTH at this moment. */
export interface AuthState {
  /** In upper case. */
  readonly mechanisms: readonly string[]
  /** The session is protected, or need not be. */
  readonly safe: boolean
  readonly authenticated: boolean
}

/** AUTH, judged. */
export interface AuthRequest {
  /** In upper case, one of those allowed. */
  readonly mechanism: string
  /** Decoded; absent where none was sent, empty for `=`. */
  readonly initialResponse?: Uint8Array
}

/** Reads the argument of AUTH. */
export function readAuth(argument: string, state: AuthState): Request<AuthRequest> {
  if (state.mechanisms.length === 0) return { ok: false, reply: say.NOT_IMPLEMENTED }
  // RFC 4954 §4: no second AUTH after one that succeeded.
  if (state.authenticated) return { ok: false, reply: say.AUTH_ALREADY }
  if (!state.safe) return { ok: false, reply: say.AUTH_NEEDS_TLS }
  const [name = '', initial, more] = argument.split(' ', 3)
  if (name === '' || initial === '' || more !== undefined) return { ok: false, reply: say.AUTH_SYNTAX }
  const mechanism = name.toUpperCase()
  if (!state.mechanisms.includes(mechanism)) return { ok: false, reply: say.AUTH_UNKNOWN }
  if (initial === undefined) return { ok: true, value: { mechanism } }
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
