/**
 * Reads what a trusted proxy says of its client by XCLIENT and XFORWARD, extensions of Postfix without an RFC.
 *
 *     XCLIENT NAME=client.example.org ADDR=192.0.2.7
 *     XFORWARD ADDR=IPV6:2001:db8::7 IDENT=[UNAVAILABLE]
 *
 * Values are xtext (RFC 3461 §4).
 */

import { literalAddress, parseDomain } from '@postroad/address'
import { parseXtext } from './xtext.ts'

/** Attributes by name in upper case; `undefined`: the proxy does not know it. */
export type ProxyAttributes = ReadonlyMap<string, string | undefined>

const UNKNOWN: ReadonlySet<string> = new Set(['[UNAVAILABLE]', '[TEMPUNAVAIL]'])

/** Longest value, decoded: that of a domain (RFC 5321 §4.5.3.1.2). */
const MAX_LENGTH = 255

/**
 * The attributes of a command; addresses as a socket shows them. `undefined` where a name is not among `names` or comes
 * twice, where a value cannot be read, or where there is none.
 */
export function parseProxyAttributes(argument: string, names: readonly string[]): ProxyAttributes | undefined {
  const attributes = new Map<string, string | undefined>()
  for (const word of argument.split(' ')) {
    if (word === '') continue
    const equals = word.indexOf('=')
    const name = word.slice(0, Math.max(0, equals)).toUpperCase()
    if (!names.includes(name) || attributes.has(name)) return undefined
    const text = word.slice(equals + 1)
    if (UNKNOWN.has(text.toUpperCase())) attributes.set(name, undefined)
    else {
      const value = parseValue(name, parseXtext(text) ?? '')
      if (value === undefined) return undefined
      attributes.set(name, value)
    }
  }
  return attributes.size === 0 ? undefined : attributes
}

function parseValue(name: string, text: string): string | undefined {
  switch (name) {
    case 'ADDR':
    case 'DESTADDR': {
      const literal = parseDomain(`[${text}]`)
      return literal.ok ? literalAddress(literal.value)?.address : undefined
    }
    case 'PORT':
    case 'DESTPORT':
      return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? text : undefined
    case 'PROTO':
      return oneOf(text, ['SMTP', 'ESMTP'])
    case 'SOURCE':
      return oneOf(text, ['LOCAL', 'REMOTE'])
    default:
      return text === '' || text.length > MAX_LENGTH ? undefined : text
  }
}

function oneOf(text: string, words: readonly string[]): string | undefined {
  const word = text.toUpperCase()
  return words.includes(word) ? word : undefined
}
