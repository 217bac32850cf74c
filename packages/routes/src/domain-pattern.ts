/** Patterns of domains: one domain, everything below one, or all. */

import { domainToAscii, isAddressLiteral, parseDomain, type Domain } from '@postroad/address'

/** Whether the domain is what the pattern names: `example.org`, `.example.org` (below it), `*`. */
export function matchesDomain(pattern: string, domain: Domain): boolean {
  if (pattern === '*') return true
  const name = asciiKey(domain)
  if (!pattern.startsWith('.')) return name === patternKey(pattern)
  return !isAddressLiteral(domain) && name.endsWith(`.${patternKey(pattern.slice(1))}`)
}

/** Whether the text is a pattern. */
export function isDomainPattern(pattern: string): boolean {
  if (pattern === '*') return true
  return parseDomain(pattern.startsWith('.') ? pattern.slice(1) : pattern, { smtputf8: true }).ok
}

/** The domain as it is compared and named: with A-labels, or as it is where it has none. */
export function asciiKey(domain: Domain): string {
  const ascii = domainToAscii(domain)
  return ascii.ok ? ascii.value : domain
}

function patternKey(text: string): string | undefined {
  const parsed = parseDomain(text, { smtputf8: true })
  return parsed.ok ? asciiKey(parsed.value) : undefined
}
