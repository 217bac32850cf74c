/** Messages that require TLS (RFC 8689): where they may go, and what becomes of them where there is none. */

import type { Deferred, Envelope, Failed } from '@postroad/envelope'
import type { HostDestination } from './host-destination.ts'
import type { OpenFailure } from './open-connection.ts'

/** RFC 8689 §4.2.1: a message that requires TLS goes to a host that was verified alone; a report of failure need not. */
export function requiresTls({ requireTls, reversePath }: Envelope): boolean {
  return requireTls === true && reversePath !== null
}

/** The destination for such a message: with verified TLS, where TLS would be used if it is offered. */
export function withRequiredTls(destination: HostDestination, envelope: Envelope): HostDestination {
  return destination.tls === 'opportunistic' && requiresTls(envelope)
    ? { ...destination, tls: 'required' }
    : destination
}

/**
 * RFC 8689 §4.2.1: a host that gives no verified TLS makes the message fail, unless another host does better. One that
 * cannot for now (454, RFC 3207 §4), and a handshake that was cut off or never ended, do not speak of that.
 */
export function withoutTls({ phase, outcome, error }: OpenFailure): Deferred | Failed {
  const { reply, status } = outcome
  const missing = status === '4.7.4' && (reply === undefined || reply.code >= 500)
  const unfit = status === '4.7.5' && isOfTls(error)
  return phase === 'tls' && (missing || unfit) ? { ...outcome, kind: 'failed', status: '5.7.10' } : outcome
}

/** The handshake, or the certificate, was judged. */
function isOfTls(error: Error | undefined): boolean {
  return error !== undefined && 'code' in error && error.code !== undefined && !NETWORK_ERRORS.has(error.code)
}

const NETWORK_ERRORS: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
