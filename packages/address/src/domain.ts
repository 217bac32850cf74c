/**
 * Domains (RFC 5321 §4.1.2, §4.1.3; RFC 6531 §3.3).
 *
 *     Domain      = sub-domain *("." sub-domain)
 *     sub-domain  = Let-dig [Ldh-str] / U-label
 *     Ldh-str     = *( ALPHA / DIGIT / "-" ) Let-dig
 *
 * No underscore (RFC 5321 §4.1.2) and no final dot. Labels have at most 63 octets (RFC 1035 §2.3.4), the whole at most
 * 255 (RFC 5321 §4.5.3.1.2).
 */

import { isOf, LDH, nonAsciiWidth, octetLength } from './characters.ts'
import { brandDomain, canonicalName, domainToAscii } from './idna.ts'
import { canonicalLiteral } from './literal.ts'
import type { Domain } from './mailbox.ts'
import { accept, refuse, type Result } from './result.ts'

/** How much of the grammar is open. */
export interface SyntaxOptions {
  /** Takes the UTF-8 forms of RFC 6531 §3.3; default false: ASCII only. */
  readonly smtputf8?: boolean
  /**
   * Standardized-tags of general address literals to take beside `IPv6`; default none, since no other is registered
   * (RFC 5321 §4.1.3).
   */
  readonly literalTags?: readonly string[]
}

/** What a scanner read from within a text, and where it stopped (excluded). */
export interface Scanned<T> {
  readonly value: T
  readonly end: number
}

/** RFC 1035 §2.3.4. */
export const MAX_LABEL_OCTETS = 63
/** RFC 5321 §4.5.3.1.2. */
export const MAX_DOMAIN_OCTETS = 255
const HYPHEN = 0x2d
const DOT = 0x2e

/** Reads a domain name or an address literal; the whole text must be one. */
export function parseDomain(text: string, options: SyntaxOptions = {}): Result<Domain> {
  const scanned = scanDomain(text, 0, options)
  if (!scanned.ok) return scanned
  if (scanned.value.end !== text.length) return refuse('Domain', scanned.value.end, 'the end of the domain')
  return accept(scanned.value.value)
}

/** Whether both name the same place: without case (already canonical), A-labels and U-labels equal. */
export function sameDomain(a: Domain, b: Domain): boolean {
  return a === b || domainKey(a) === domainKey(b)
}

/** A text that is equal for equal domains: the A-label form where there is one. */
export function domainKey(domain: Domain): string {
  const ascii = domainToAscii(domain)
  return ascii.ok ? ascii.value : domain
}

/** Reads a name or a literal that begins at `start`. */
export function scanDomain(text: string, start: number, options: SyntaxOptions): Result<Scanned<Domain>> {
  return text.startsWith('[', start) ? scanLiteral(text, start, options) : scanName(text, start, options)
}

/** Reads a name that begins at `start`, as far as it goes. */
export function scanName(text: string, start: number, options: SyntaxOptions): Result<Scanned<Domain>> {
  let at = start
  let ascii = true
  for (;;) {
    const label = at
    let asciiLabel = true
    for (;;) {
      if (isOf(text.charCodeAt(at), LDH)) {
        at += 1
        continue
      }
      const width = options.smtputf8 === true ? nonAsciiWidth(text, at) : 0
      if (width === 0) break
      asciiLabel = false
      at += width
    }
    if (at === label || text.charCodeAt(label) === HYPHEN) return refuse('sub-domain', label, 'a letter or a digit')
    if (text.charCodeAt(at - 1) === HYPHEN) return refuse('sub-domain', at, 'a letter or a digit')
    if (asciiLabel && at - label > MAX_LABEL_OCTETS) {
      return refuse('sub-domain', label + MAX_LABEL_OCTETS, `at most ${MAX_LABEL_OCTETS} octets`)
    }
    ascii &&= asciiLabel
    if (text.charCodeAt(at) !== DOT) break
    at += 1
  }
  if (octetLength(text, start, at) > MAX_DOMAIN_OCTETS)
    return refuse('Domain', start, `at most ${MAX_DOMAIN_OCTETS} octets`)
  const name = text.slice(start, at)
  const canonical = ascii ? name.toLowerCase() : canonicalName(name)
  if (canonical === undefined) return refuse('U-label', start, 'labels that IDNA allows')
  return accept({ value: brandDomain(canonical), end: at })
}

/** Reads a literal whose bracket stands at `start`. */
function scanLiteral(text: string, start: number, options: SyntaxOptions): Result<Scanned<Domain>> {
  // Looks no further than the limit, so that a text full of open brackets costs nothing.
  const close = text.slice(start, start + MAX_DOMAIN_OCTETS).indexOf(']')
  if (close === -1) return refuse('address-literal', start, `"]" within ${MAX_DOMAIN_OCTETS} octets`)
  const canonical = canonicalLiteral(text.slice(start + 1, start + close), options.literalTags ?? [])
  if (canonical === undefined)
    return refuse('address-literal', start + 1, 'an IPv4 address, or "IPv6:" and an IPv6 address')
  return accept({ value: brandDomain(`[${canonical}]`), end: start + close + 1 })
}
