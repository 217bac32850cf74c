/** What a server offers: the reply to EHLO or LHLO as a value (RFC 5321 §4.1.1.1, §2.2). */

import type { Reply } from '@postroad/envelope'
import { parseDateTime } from './date-time.ts'

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
  /** CHUNKING (RFC 3030 §2). */
  readonly chunking: boolean
  /** BINARYMIME (RFC 3030 §3); false where CHUNKING, without which it cannot be used, is not offered. */
  readonly binaryMime: boolean
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
  /**
   * DELIVERBY (RFC 2852 §2): the shortest time in seconds that is taken with the mode `return`, 0 where none was named;
   * `undefined` where not offered.
   */
  readonly deliverBy: number | undefined
  /** FUTURERELEASE (RFC 4865 §3); `undefined` where not offered, or not with two limits that can be read. */
  readonly futureRelease: FutureReleaseLimits | undefined
  /** MT-PRIORITY (RFC 6710 §3): the name of the policy, `true` where none was named; `undefined` where not offered. */
  readonly mtPriority: string | true | undefined
  /** REQUIRETLS (RFC 8689 §2). */
  readonly requireTls: boolean
  /** LIMITS (RFC 9422 §3): those that could be read; empty where not offered. */
  readonly limits: PeerLimits
  /** NO-SOLICITING (RFC 3865 §2.1): classes of solicitation that are not taken; `undefined` where not offered. */
  readonly noSoliciting: readonly string[] | undefined
  /** RRVS (RFC 7293 §3.1). */
  readonly rrvs: boolean
  /** ETRN (RFC 1985 §4). */
  readonly etrn: boolean
  /** ATRN (RFC 2645 §5.1.1). */
  readonly atrn: boolean
  /** Attributes of XCLIENT in upper case; empty where not offered. */
  readonly xclient: readonly string[]
  /** Attributes of XFORWARD in upper case; empty where not offered. */
  readonly xforward: readonly string[]
  /**
   * Every keyword but those ignored, in upper case with its parameters as sent, known here or not; the first of a repeated
   * one.
   */
  readonly keywords: ReadonlyMap<string, readonly string[]>
}

/** How long a server holds a message back for its sender (RFC 4865 §3). */
export interface FutureReleaseLimits {
  /** At most, in seconds from now. */
  readonly maxSeconds: number
  /** At the latest, in milliseconds since the epoch. */
  readonly until: number
}

/** What a server takes in one session (RFC 9422 §4); absent: it did not say. */
export interface PeerLimits {
  /** RCPT commands in one transaction, whether they are accepted or not. */
  readonly rcptMax?: number
  /** MAIL commands in one session, whether they are accepted or not. */
  readonly mailMax?: number
  /** Different domains of recipients in one session. */
  readonly rcptDomainMax?: number
}

/**
 * Reads the offer out of a positive reply to EHLO, LHLO or HELO. Never fails: a line that is no keyword is left out.
 *
 * @param extended False for the reply to HELO: its text offers nothing.
 * @param ignored Keywords, in upper case, that are passed over as if they had not been offered.
 */
export function parseExtensions(
  { lines }: Reply,
  extended: boolean,
  ignored: ReadonlySet<string> = new Set(),
): PeerExtensions {
  const keywords = new Map<string, readonly string[]>()
  if (extended) {
    for (const line of lines.slice(1)) {
      const [keyword = '', ...parameters] = line.split(' ').filter((word) => word !== '')
      const name = keyword.toUpperCase()
      if (KEYWORD.test(name) && !ignored.has(name) && !keywords.has(name)) keywords.set(name, parameters)
    }
  }
  const chunking = keywords.has('CHUNKING')
  return {
    name: firstWord(lines[0] ?? ''),
    extended,
    size: parseSize(keywords.get('SIZE')),
    pipelining: keywords.has('PIPELINING'),
    eightBitMime: keywords.has('8BITMIME'),
    chunking,
    binaryMime: chunking && keywords.has('BINARYMIME'),
    smtputf8: keywords.has('SMTPUTF8'),
    starttls: keywords.has('STARTTLS'),
    auth: upperCase(keywords.get('AUTH')),
    dsn: keywords.has('DSN'),
    enhancedStatusCodes: keywords.has('ENHANCEDSTATUSCODES'),
    deliverBy: parseDeliverBy(keywords.get('DELIVERBY')),
    futureRelease: parseFutureRelease(keywords.get('FUTURERELEASE')),
    mtPriority: keywords.has('MT-PRIORITY') ? (keywords.get('MT-PRIORITY')?.[0] ?? true) : undefined,
    requireTls: keywords.has('REQUIRETLS'),
    limits: parseLimits(keywords.get('LIMITS')),
    noSoliciting: parseClasses(keywords.get('NO-SOLICITING')),
    rrvs: keywords.has('RRVS'),
    etrn: keywords.has('ETRN'),
    atrn: keywords.has('ATRN'),
    xclient: upperCase(keywords.get('XCLIENT')),
    xforward: upperCase(keywords.get('XFORWARD')),
    keywords,
  }
}

/** RFC 5321 §4.1.1.1: ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-"). */
const KEYWORD = /^[A-Z0-9][A-Z0-9-]{0,63}$/

function firstWord(text: string): string {
  const end = text.indexOf(' ')
  return end === -1 ? text : text.slice(0, end)
}

function upperCase(parameters: readonly string[] | undefined): readonly string[] {
  return parameters === undefined ? [] : parameters.map((parameter) => parameter.toUpperCase())
}

/** RFC 1870 §3: up to 20 digits; absent, unreadable, or past what a number holds exactly: no fixed limit. */
function parseSize(parameters: readonly string[] | undefined): number | undefined {
  if (parameters === undefined) return undefined
  const [text = ''] = parameters
  const size = /^\d{1,20}$/.test(text) ? Number(text) : 0
  return Number.isSafeInteger(size) ? size : 0
}

/** RFC 2852 §2: min-by-time has up to 9 digits, other options may follow behind commas. */
function parseDeliverBy(parameters: readonly string[] | undefined): number | undefined {
  if (parameters === undefined) return undefined
  const [least = ''] = (parameters[0] ?? '').split(',', 1)
  return /^\d{1,9}$/.test(least) ? Number(least) : 0
}

/** RFC 4865 §3: seconds without a leading zero, then a date-time in UTC; both are required. */
function parseFutureRelease(parameters: readonly string[] | undefined): FutureReleaseLimits | undefined {
  if (parameters === undefined) return undefined
  const [seconds = '', timestamp = ''] = parameters
  const until = parseDateTime(timestamp, { utc: false })
  return /^[1-9]\d{0,8}$/.test(seconds) && until !== undefined ? { maxSeconds: Number(seconds), until } : undefined
}

/** RFC 9422 §3: `NAME=value`; what is not known or cannot be read is passed over. */
function parseLimits(parameters: readonly string[] | undefined): PeerLimits {
  const limits: { rcptMax?: number; mailMax?: number; rcptDomainMax?: number } = {}
  for (const parameter of parameters ?? []) {
    const [name = '', value = ''] = parameter.split('=', 2)
    const field = LIMIT_FIELDS.get(name.toUpperCase())
    // RFC 9422 §4: 1 to 6 digits without a leading zero, so never 0.
    if (field !== undefined && /^[1-9]\d{0,5}$/.test(value)) limits[field] = Number(value)
  }
  return limits
}

const LIMIT_FIELDS: ReadonlyMap<string, keyof PeerLimits> = new Map<string, keyof PeerLimits>([
  ['RCPTMAX', 'rcptMax'],
  ['MAILMAX', 'mailMax'],
  ['RCPTDOMAINMAX', 'rcptDomainMax'],
])

/** RFC 3865 §2.2: keywords parted by commas; none at all forbids nothing. */
function parseClasses(parameters: readonly string[] | undefined): readonly string[] | undefined {
  return parameters?.[0]?.split(',').filter((word) => word !== '') ?? (parameters && [])
}
