/**
 * Reads what a trusted proxy says of its client by XCLIENT and XFORWARD, extensions of Postfix without an RFC; the values
 * that each takes are those of its documents `XCLIENT_README` and `XFORWARD_README`.
 *
 *     XCLIENT NAME=client.example.org ADDR=192.0.2.7
 *     XFORWARD ADDR=IPV6:2001:db8::7 IDENT=[UNAVAILABLE]
 *
 * Values are xtext (RFC 3461 §4).
 */

import { literalAddress, parseDomain } from '@postroad/address'
import type { XCLIENT_ATTRIBUTES, XFORWARD_ATTRIBUTES } from './extensions/proxy.ts'
import { parseXtext } from './xtext.ts'

/** Attributes by name in upper case; `undefined`: the proxy does not know it. */
export type ProxyAttributes = ReadonlyMap<string, string | undefined>

const UNKNOWN: ReadonlySet<string> = new Set(['[UNAVAILABLE]', '[TEMPUNAVAIL]'])

/** Reads a decoded value; `undefined` where it cannot be one. */
type ValueReader = (text: string) => string | undefined

/** A word of up to so many characters. */
const upTo =
  (length: number): ValueReader =>
  (text) =>
    text === '' || text.length > length ? undefined : text

/** One of these, in any case. */
const oneOf =
  (...words: readonly string[]): ValueReader =>
  (text) =>
    words.find((word) => word === text.toUpperCase())

/** Up to the length of a domain (RFC 5321 §4.5.3.1.2), the longest value that the documents know. */
const readText = upTo(255)

/** An IPv4 address, or an IPv6 address behind `IPV6:`; as a socket shows it. */
const readAddress: ValueReader = (text) => {
  const literal = parseDomain(`[${text}]`)
  return literal.ok ? literalAddress(literal.value)?.address : undefined
}

const readPort: ValueReader = (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? text : undefined)

const XCLIENT: Readonly<Record<(typeof XCLIENT_ATTRIBUTES)[number], ValueReader>> = {
  NAME: readText,
  ADDR: readAddress,
  PORT: readPort,
  PROTO: oneOf('SMTP', 'ESMTP'),
  HELO: readText,
  LOGIN: readText,
  DESTADDR: readAddress,
  DESTPORT: readPort,
}

const XFORWARD: Readonly<Record<(typeof XFORWARD_ATTRIBUTES)[number], ValueReader>> = {
  NAME: readText,
  // It may be no IP address.
  ADDR: (text) => readAddress(text) ?? readText(text),
  PORT: readPort,
  // That by which the proxy got the message: it may be none of SMTP.
  PROTO: upTo(64),
  HELO: readText,
  IDENT: readText,
  SOURCE: oneOf('LOCAL', 'REMOTE'),
}

const READERS: Readonly<Record<'XCLIENT' | 'XFORWARD', ReadonlyMap<string, ValueReader>>> = {
  XCLIENT: new Map(Object.entries(XCLIENT)),
  XFORWARD: new Map(Object.entries(XFORWARD)),
}

/**
 * The attributes of a command; IP addresses as a socket shows them. `undefined` where the command knows no such name or one
 * comes twice, where a value cannot be read, or where there is none.
 */
export function parseProxyAttributes(argument: string, command: 'XCLIENT' | 'XFORWARD'): ProxyAttributes | undefined {
  const attributes = new Map<string, string | undefined>()
  for (const word of argument.split(' ')) {
    if (word === '') continue
    const equals = word.indexOf('=')
    const name = word.slice(0, Math.max(0, equals)).toUpperCase()
    const read = READERS[command].get(name)
    if (read === undefined || attributes.has(name)) return undefined
    const text = word.slice(equals + 1)
    if (UNKNOWN.has(text.toUpperCase())) attributes.set(name, undefined)
    else {
      const value = read(parseXtext(text) ?? '')
      if (value === undefined) return undefined
      attributes.set(name, value)
    }
  }
  return attributes.size === 0 ? undefined : attributes
}
