/** The conditions of one rule, read once, so that a query only compares. */

import { formatMailbox, parseMailbox } from '@postroad/address'
import { asciiKey, compileDomainPattern } from './domain-pattern.ts'
import type { RouteQuery } from './route.ts'
import type { RouteMatch } from './rule.ts'

/** Conditions that a query can be held against. */
export interface Matcher {
  readonly matches: (query: RouteQuery) => boolean
  /** Why `matches` says what it says: the first condition that does not hold, or all that do. */
  readonly why: (query: RouteQuery) => string
}

interface Condition {
  readonly noun: string
  readonly expected: string
  readonly holds: (query: RouteQuery) => boolean
  readonly value: (query: RouteQuery) => string
}

/** Reads the conditions of a rule that `checkRules` has passed. */
export function compileMatch(match: RouteMatch): Matcher {
  const { role, domain, recipient, senderDomain, account } = match
  const conditions: Condition[] = []
  const add = (
    noun: string,
    entries: readonly string[] | undefined,
    rest: Pick<Condition, 'holds' | 'value'>,
  ): void => {
    if (entries !== undefined) conditions.push({ noun, expected: entries.join(' or '), ...rest })
  }

  add('role', role, { holds: (query) => role?.includes(query.role) === true, value: (query) => query.role })

  const domains = domain?.map(compileDomainPattern)
  add('domain', domain, {
    holds: (query) => domains?.some((matches) => matches(query.recipient.domain)) === true,
    value: (query) => query.recipient.domain,
  })

  const recipients = new Set(recipient?.map(recipientKey))
  add('recipient', recipient, {
    holds: (query) => recipients.has(foldedKey(query.recipient.localPart, asciiKey(query.recipient.domain))),
    value: (query) => formatMailbox(query.recipient),
  })

  const senders = senderDomain?.filter((entry) => entry !== '<>').map(compileDomainPattern)
  const isNullMeant = senderDomain?.includes('<>') === true
  add('sender domain', senderDomain, {
    holds: ({ reversePath }) =>
      reversePath === null ? isNullMeant : senders?.some((matches) => matches(reversePath.domain)) === true,
    value: ({ reversePath }) => (reversePath === null ? '<>' : reversePath.domain),
  })

  add('account', account, {
    holds: (query) => query.account !== undefined && account?.includes(query.account) === true,
    value: (query) => query.account ?? 'nobody',
  })

  return {
    matches: (query) => conditions.every(({ holds }) => holds(query)),
    why(query) {
      const broken = conditions.find(({ holds }) => !holds(query))
      if (broken !== undefined) return `${broken.noun} ${broken.value(query)} is not ${broken.expected}`
      const held = conditions.map(({ noun, value }) => `${noun} ${value(query)}`)
      return held.length === 0 ? 'matches everything' : held.join(', ')
    },
  }
}

function recipientKey(text: string): string {
  const parsed = parseMailbox(text, { smtputf8: true })
  return parsed.ok ? foldedKey(parsed.value.localPart, asciiKey(parsed.value.domain)) : ''
}

const foldedKey = (localPart: string, domain: string): string => `${localPart.toLowerCase()}@${domain}`
