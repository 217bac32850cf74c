/** Whether one rule matches a query, and the phrase that says why. */

import { formatMailbox, parseMailbox, type Mailbox } from '@postroad/address'
import { asciiKey, matchesDomain } from './domain-pattern.ts'
import type { RouteQuery } from './route.ts'
import type { RouteMatch } from './rule.ts'

/** The judgement of one rule. */
export interface MatchResult {
  readonly matched: boolean
  readonly why: string
}

/** Looks at the conditions in their order; the first that does not hold is the reason. */
export function matchRule(match: RouteMatch, query: RouteQuery): MatchResult {
  const { recipient, reversePath, account, role } = query
  const sender = reversePath === null ? '<>' : reversePath.domain
  const isSender = (pattern: string): boolean =>
    reversePath === null ? pattern === '<>' : pattern !== '<>' && matchesDomain(pattern, reversePath.domain)

  const conditions = [
    ['role', match.role, role, (entry: string) => entry === role],
    ['domain', match.domain, recipient.domain, (entry: string) => matchesDomain(entry, recipient.domain)],
    ['recipient', match.recipient, formatMailbox(recipient), (entry: string) => isRecipient(entry, recipient)],
    ['sender domain', match.senderDomain, sender, isSender],
    ['account', match.account, account ?? 'nobody', (entry: string) => entry === account],
  ] as const

  const held: string[] = []
  for (const [noun, entries, value, holds] of conditions) {
    if (entries === undefined) continue
    if (!entries.some(holds)) return { matched: false, why: `${noun} ${value} is not ${entries.join(' or ')}` }
    held.push(`${noun} ${value}`)
  }
  return { matched: true, why: held.length === 0 ? 'matches everything' : held.join(', ') }
}

function isRecipient(entry: string, recipient: Mailbox): boolean {
  const parsed = parseMailbox(entry, { smtputf8: true })
  return (
    parsed.ok &&
    parsed.value.localPart.toLowerCase() === recipient.localPart.toLowerCase() &&
    asciiKey(parsed.value.domain) === asciiKey(recipient.domain)
  )
}
