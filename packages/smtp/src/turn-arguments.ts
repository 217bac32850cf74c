/** Reads the arguments of ETRN (RFC 1985 §5) and ATRN (RFC 2645 §5.2.1). */

import { isAddressLiteral, parseDomain } from '@postroad/address'
import type { QueueStart } from './handler-add-ons.ts'

/**
 * `ETRN [<option character>]<node name>`: `@` for the domain and all below it, `#` for a queue, whose name is the server's
 * matter (RFC 1985 §5.3). A domain is fully qualified; it is given in its canonical form.
 */
export function parseQueueStart(argument: string): QueueStart | undefined {
  const option = argument.charAt(0)
  if (option === '#') return /^#[!-~]{1,255}$/.test(argument) ? { node: argument.slice(1), kind: 'queue' } : undefined
  const node = parseQualified(option === '@' ? argument.slice(1) : argument)
  return node === undefined ? undefined : { node, kind: option === '@' ? 'subdomains' : 'domain' }
}

/** `ATRN [SP domain *("," domain)]`; no domains where the argument is empty. */
export function parseTurnDomains(argument: string): readonly string[] | undefined {
  const domains: string[] = []
  for (const text of argument === '' ? [] : argument.split(',')) {
    const domain = parseQualified(text)
    if (domain === undefined) return undefined
    domains.push(domain)
  }
  return domains
}

function parseQualified(text: string): string | undefined {
  const domain = parseDomain(text)
  return domain.ok && domain.value.includes('.') && !isAddressLiteral(domain.value) ? domain.value : undefined
}
