/** The states of a client session, the phase each belongs to, and how long it may last. */

import type { ClientDeadlines } from './client-deadlines.ts'
import type { ClientPhase } from './client-outcome.ts'

/** What a session waits for. */
export type ClientState =
  | 'greeting'
  /** EHLO, HELO or LHLO was said; at the beginning, behind TLS and XCLIENT, or once more behind AUTH. */
  | 'hello'
  | 'ready'
  | 'starttls'
  | 'handshake'
  | 'auth'
  | 'auth-cancelled'
  | 'transaction'
  | 'asking'
  | 'turned'
  | 'quitting'
  | 'closed'

/** The phase of every state; a transaction knows its own. */
export const PHASES: Readonly<Record<Exclude<ClientState, 'transaction'>, ClientPhase>> = {
  greeting: 'greeting',
  hello: 'hello',
  ready: 'done',
  starttls: 'tls',
  handshake: 'tls',
  auth: 'auth',
  'auth-cancelled': 'auth',
  asking: 'done',
  turned: 'done',
  quitting: 'done',
  closed: 'done',
}

/** Which deadline holds in a phase. */
export const DEADLINE_KINDS: Readonly<Record<ClientPhase, keyof ClientDeadlines | undefined>> = {
  greeting: 'greetingMs',
  hello: 'commandMs',
  tls: 'tlsMs',
  auth: 'commandMs',
  mail: 'mailMs',
  rcpt: 'rcptMs',
  data: 'dataMs',
  content: 'blockMs',
  'end-of-data': 'terminationMs',
  done: undefined,
}
