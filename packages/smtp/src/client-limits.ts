/**
 * What a server takes in one session (LIMITS, RFC 9422), and how the recipients of a message are dealt out over
 * transactions that keep to it.
 */

import type { Recipient } from '@postroad/envelope'
import type { PeerLimits } from './client-extensions.ts'

/**
 * Deals recipients out over transactions: each takes `rcptMax` RCPT commands and `rcptDomainMax` domains at most.
 * Recipients of the same domains stand together, so that as few sessions as can be are needed where the domains of one
 * session are limited.
 *
 * @returns For each transaction the indices of its recipients; together each index once. Without recipients none.
 */
export function splitByLimits(
  { recipients }: { readonly recipients: readonly Recipient[] },
  { rcptMax = Infinity, rcptDomainMax = Infinity }: PeerLimits,
): readonly (readonly number[])[] {
  const parts: number[][] = []
  const most = atLeastOne(rcptMax)
  for (const indices of groupByDomains(recipients, atLeastOne(rcptDomainMax))) {
    for (let at = 0; at < indices.length; at += most) parts.push(indices.slice(at, at + most))
  }
  return parts
}

/** No peer says less (RFC 9422 §4), and dealing out by nothing would never end. */
function atLeastOne(limit: number): number {
  return limit >= 1 ? Math.trunc(limit) : 1
}

/** Indices in groups of so many domains at most; one group in the given order where there is no limit. */
function groupByDomains(recipients: readonly Recipient[], rcptDomainMax: number): readonly number[][] {
  if (rcptDomainMax === Infinity) return [Array.from(recipients.keys())]
  const byDomain = new Map<string, number[]>()
  for (const [index, recipient] of recipients.entries()) {
    const domain = domainOf(recipient)
    const indices = byDomain.get(domain)
    if (indices === undefined) byDomain.set(domain, [index])
    else indices.push(index)
  }
  const domains = [...byDomain.values()]
  const groups: number[][] = []
  for (let at = 0; at < domains.length; at += rcptDomainMax) groups.push(domains.slice(at, at + rcptDomainMax).flat())
  return groups
}

/** What of a peer's limits one session has used. */
export class LimitsUse {
  #transactions = 0
  readonly #domains = new Set<string>()

  /** How many more transactions the peer takes; `Infinity` where it did not say. */
  transactionsLeft({ mailMax = Infinity }: PeerLimits): number {
    return Math.max(0, mailMax - this.#transactions)
  }

  /** Whether a transaction with these recipients fits into this session. */
  hasRoomFor(recipients: readonly Recipient[], limits: PeerLimits): boolean {
    if (this.transactionsLeft(limits) === 0 || recipients.length > (limits.rcptMax ?? Infinity)) return false
    if (limits.rcptDomainMax === undefined) return true
    const domains = new Set(this.#domains)
    for (const recipient of recipients) domains.add(domainOf(recipient))
    return domains.size <= limits.rcptDomainMax
  }

  /** MAIL is sent. */
  begin(): void {
    this.#transactions += 1
  }

  /** Takes a recipient's domain in; false where it would be one too many. */
  admit(recipient: Recipient, { rcptDomainMax }: PeerLimits): boolean {
    if (rcptDomainMax === undefined) return true
    const domain = domainOf(recipient)
    if (!this.#domains.has(domain) && this.#domains.size >= rcptDomainMax) return false
    this.#domains.add(domain)
    return true
  }
}

function domainOf({ mailbox }: Recipient): string {
  return mailbox.domain
}
