/** Patterns of domains: one domain, everything below one, or all. */

import { domainToAscii, isAddressLiteral, parseDomain, type Domain } from '@postroad/address'

/** Whether the text is a pattern: `example.org`, `.example.org` (what is below it), `*`. */
export function isDomainPattern(pattern: string): boolean {
  if (pattern === '*') return true
  const parsed = parseDomain(pattern.startsWith('.') ? pattern.slice(1) : pattern, { smtputf8: true })
  return parsed.ok && !(pattern.startsWith('.') && isAddressLiteral(parsed.value))
}

/** Reads a pattern into a test; one that is none matches nothing. */
export function compileDomainPattern(pattern: string): (domain: Domain) => boolean {
  if (pattern === '*') return () => true
  const isBelow = pattern.startsWith('.')
  const parsed = parseDomain(isBelow ? pattern.slice(1) : pattern, { smtputf8: true })
  if (!parsed.ok) return () => false
  const key = asciiKey(parsed.value)
  if (isBelow) return (domain) => !isAddressLiteral(domain) && asciiKey(domain).endsWith(`.${key}`)
  return (domain) => asciiKey(domain) === key
}

/** The domain as it is compared and named: with A-labels, or as it is where it has none. */
export function asciiKey(domain: Domain): string {
  const ascii = domainToAscii(domain)
  return ascii.ok ? ascii.value : domain
}
