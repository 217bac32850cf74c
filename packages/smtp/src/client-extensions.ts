/** What a server offers: the reply to EHLO or LHLO as a value (RFC 5321 §4.1.1.1, §2.2). */

import type { Reply } from '@postroad/envelope'

/** The service extensions of a peer. Forgotten at STARTTLS, since what came before it may be forged (RFC 3207 §4.2). */
export interface PeerExtensions {
  /** The name the peer gave itself in the reply; `''` where it gave none. Unverified. */
  readonly name: string
  /** False where only HELO was understood; then nothing is offered. */
  readonly extended: boolean
  /** SIZE (RFC 1870 §4): the largest content in bytes, 0 for no fixed limit; `undefined` where not offered. */
  readonly size: number | undefined
  /** PIPELINING (RFC 2920). */
  readonly pipelining: boolean
  /** 8BITMIME (RFC 6152). */
  readonly eightBitMime: boolean
  /** SMTPUTF8 (RFC 6531). */
  readonly smtputf8: boolean
  /** STARTTLS (RFC 3207). */
  readonly starttls: boolean
  /** Mechanisms of AUTH (RFC 4954 §3) in upper case, in the peer's order; empty where not offered. */
  readonly auth: readonly string[]
  /** DSN (RFC 3461). */
  readonly dsn: boolean
  /** ENHANCEDSTATUSCODES (RFC 2034). */
  readonly enhancedStatusCodes: boolean
  /** Every keyword in upper case with its parameters as sent, known here or not; the first of a repeated one. */
  readonly keywords: ReadonlyMap<string, readonly string[]>
}

/**
 * Reads the offer out of a positive reply to EHLO, LHLO or HELO. Never fails: a line that is no keyword is left out.
 *
 * @param extended False for the reply to HELO: its text offers nothing.
 */
export function parseExtensions({ lines }: Reply, extended: boolean): PeerExtensions {
  const keywords = new Map<string, readonly string[]>()
  if (extended) {
    for (const line of lines.slice(1)) {
      const [keyword = '', ...parameters] = line.split(' ').filter((word) => word !== '')
      const name = keyword.toUpperCase()
      if (KEYWORD.test(name) && !keywords.has(name)) keywords.set(name, parameters)
    }
  }
  return {
    name: (lines[0] ?? '').split(' ', 1)[0] ?? '',
    extended,
    size: parseSize(keywords.get('SIZE')),
    pipelining: keywords.has('PIPELINING'),
    eightBitMime: keywords.has('8BITMIME'),
    smtputf8: keywords.has('SMTPUTF8'),
    starttls: keywords.has('STARTTLS'),
    auth: (keywords.get('AUTH') ?? []).map((mechanism) => mechanism.toUpperCase()),
    dsn: keywords.has('DSN'),
    enhancedStatusCodes: keywords.has('ENHANCEDSTATUSCODES'),
    keywords,
  }
}

/** RFC 5321 §4.1.1.1: ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-"). */
const KEYWORD = /^[A-Z0-9][A-Z0-9-]{0,63}$/

/** RFC 1870 §3: up to 20 digits; absent, unreadable, or past what a number holds exactly: no fixed limit. */
function parseSize(parameters: readonly string[] | undefined): number | undefined {
  if (parameters === undefined) return undefined
  const [text = ''] = parameters
  const size = /^\d{1,20}$/.test(text) ? Number(text) : 0
  return Number.isSafeInteger(size) ? size : 0
}
