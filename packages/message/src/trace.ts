/**
 * Trace fields: Received and Return-Path (RFC 5321 §4.4).
 *
 * ```abnf
 * Stamp       = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
 * From-domain = "FROM" FWS Extended-Domain
 * Opt-info    = [Via] [With] [ID] [For] [Additional-Registered-Clauses]
 * TCP-info    = address-literal / ( Domain FWS address-literal )
 * ```
 * What a client said of itself is put into the clause only where it is a domain or an address literal; anything else
 * goes into a comment with all that could break out of it replaced.
 */

import { formatPath, parseDomain } from '@postroad/address'
import type { ReversePath } from '@postroad/address'
import { formatDate } from './date.ts'
import { createField, fieldOf } from './field.ts'
import type { Header, HeaderField } from './header.ts'

/** What a Received field records. */
export interface Stamp {
  /** The argument of EHLO, HELO or LHLO, as it came; `undefined` where the client gave none. */
  readonly helo: string | undefined
  /** Address of the client: IPv4 or IPv6 without brackets. Empty where there is none (a local pipe). */
  readonly remoteAddress: string
  /** Name of the client from a verified reverse look-up; absent where there is none. */
  readonly remoteName?: string
  /** Our name. */
  readonly by: string
  /** The `with` clause (RFC 3848, RFC 6531 §4.3): `ESMTP`, `ESMTPSA`, `LMTP`, `UTF8SMTPS` ... */
  readonly protocol: string
  /** Our id of the message. */
  readonly id: string
  /** The one recipient, without angle brackets; absent where there are several, who must not learn of each other. */
  readonly for?: string
  /**
   * Absent where the session was not encrypted. `cipher` is the registered name, as `TLS_AES_128_GCM_SHA256`; `group`
   * that of the Diffie-Hellman group, as `x25519`, absent where it is not known (RFC 8314 §4.3).
   */
  readonly tls?: { readonly version: string; readonly cipher: string; readonly group?: string }
  /** Priority of the message, -9 to 9 (RFC 6710 §7); absent where none was asked for. */
  readonly priority?: number
  /** When it was received, in milliseconds since the epoch. */
  readonly at: number
}

/** Longest text of a peer that is shown; a domain is not longer (RFC 5321 §4.5.3.1.2). */
const LONGEST = 255

// A domain, with the underscore that hosts have in practice; and an address literal.
const DOMAIN = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_])?$/
const LITERAL = /^\[[A-Za-z0-9:.-]{1,253}\]$/
const CIPHER = /^(?:[A-Za-z][A-Za-z0-9_]{0,99}|0x[\dA-Fa-f]{4})$/
const GROUP = /^[A-Za-z][A-Za-z0-9_-]{0,99}$/

/** Formats the Received field of one hop (RFC 5321 §4.4), the date in UTC. */
export function formatReceived(stamp: Stamp): HeaderField {
  const literal = formatLiteral(stamp.remoteAddress)
  const { tls } = stamp
  const words = [...fromClause(stamp, literal), ` by ${toAtom(stamp.by)}`, ` with ${toAtom(stamp.protocol)}`]
  words.push(` id ${toAtom(stamp.id)}`)
  if (stamp.for !== undefined) words.push(` for <${stamp.for.replace(NOT_IN_PATH, '?')}>`)
  if (tls !== undefined) words.push(...tlsClauses(tls))
  if (stamp.priority !== undefined) words.push(` priority ${stamp.priority}`)
  const stamped = words.map((word, index) => (index === words.length - 1 ? `${word};` : word))
  return fieldOf('Received', [...stamped, ` ${formatDate(stamp.at)}`])
}

/** RFC 8314 §4.3: cipher and group are registered clauses, the version can only be a comment. */
function tlsClauses({ version, cipher, group = '' }: NonNullable<Stamp['tls']>): string[] {
  const comment = ` (${toComment(version)})`
  if (!CIPHER.test(cipher)) return [comment]
  return GROUP.test(group) ? [` tls ${cipher}`, ` group ${group}`, comment] : [` tls ${cipher}`, comment]
}

const NOT_IN_PATH = /[\u0000- <>\u007f]/g

function fromClause({ helo, remoteName }: Stamp, literal: string | undefined): string[] {
  const said = helo !== undefined && (DOMAIN.test(helo) || LITERAL.test(helo)) ? helo : undefined
  const name = remoteName !== undefined && DOMAIN.test(remoteName) ? remoteName : undefined
  const info = [name, literal].filter((part) => part !== undefined).join(' ')
  // RFC 5321 §4.4 has no form for a client without a name and an address.
  const words = [`from ${said ?? literal ?? 'localhost'}`]
  if (info !== '') words.push(` (${info})`)
  if (said === undefined && helo !== undefined) words.push(` (helo=${toComment(helo)})`)
  return words
}

/** `[192.0.2.1]`, `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3); `undefined` for what is no address. */
function formatLiteral(address: string): string | undefined {
  const plain = address.replace(/%.*$/s, '').replace(/^::ffff:(?=\d+\.)/i, '')
  const literal = parseDomain(plain.includes(':') ? `[IPv6:${plain}]` : `[${plain}]`)
  return literal.ok ? literal.value : undefined
}

/** Text inside a comment: one word, no parenthesis, no backslash, ASCII. */
function toComment(text: string): string {
  return text.slice(0, LONGEST).replace(/[^!-'*-[\]-~]/g, '?')
}

/** Text of ours as one word without specials that would end it. */
function toAtom(text: string): string {
  return text.replace(/[^!#-'*+\-./0-9:=?@A-Z[\]^-~\u0080-\uffff]/g, '?')
}

/** How many hops the message has made: the Received fields. Many mean a loop (RFC 5321 §6.3). */
export function countReceived(header: Header): number {
  return header.all('Received').length
}

/** The Return-Path field of final delivery (RFC 5321 §4.4); `<>` for the null path. */
export function formatReturnPath(path: ReversePath): HeaderField {
  return createField('Return-Path', formatPath(path))
}
