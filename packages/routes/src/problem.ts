/** Problems of a table's rules, all found at once, when the table is made. */

import { parseMailbox } from '@postroad/address'
import { isDomainPattern } from './domain-pattern.ts'
import type { RouteAction, RouteMatch, RouteRule } from './rule.ts'

/** What is wrong with one rule. */
export interface RouteProblem {
  /** Of the rule in the list, from 0. */
  readonly rule: number
  /** Where in the rule: `match.domain[1]`, `action.port`. */
  readonly path: string
  /** What is wrong there, as a sentence. */
  readonly message: string
}

/** The rules cannot be used. */
export class RouteRulesError extends Error {
  override readonly name = 'RouteRulesError'
  /** The only code. */
  readonly code = 'ROUTES_RULES_INVALID' as const
  /** One at least, in the order of the rules. */
  readonly problems: readonly RouteProblem[]

  constructor(problems: readonly RouteProblem[]) {
    super(problems.map(({ rule, path, message }) => `rule ${rule + 1}, ${path}: ${message}`).join('\n'))
    this.problems = problems
  }
}

/** @throws {RouteRulesError} where a rule cannot be used. */
export function checkRules(rules: readonly RouteRule[]): void {
  const problems = rules.flatMap(({ match, action }, rule) =>
    [...matchProblems(match), ...actionProblems(action)].map((problem) => ({ rule, ...problem })),
  )
  if (problems.length > 0) throw new RouteRulesError(problems)
}

type Found = Omit<RouteProblem, 'rule'>

function matchProblems(match: RouteMatch): readonly Found[] {
  const lists = [
    ['domain', match.domain, isDomainPattern, 'a domain, a domain after a dot, or *'],
    ['recipient', match.recipient, isMailbox, 'a mailbox'],
    ['senderDomain', match.senderDomain, isSenderPattern, 'a domain, a domain after a dot, * or <>'],
    ['account', match.account, (name: string) => name !== '', 'the name of an account'],
    ['role', match.role, (role: string) => ['local', 'relay', 'none'].includes(role), 'local, relay or none'],
  ] as const
  return lists.flatMap(([key, entries, isRight, expected]): readonly Found[] => {
    if (entries === undefined) return []
    if (entries.length === 0) return [{ path: `match.${key}`, message: 'An empty list would match nothing.' }]
    return entries.flatMap((entry, index) =>
      isRight(entry) ? [] : [{ path: `match.${key}[${index}]`, message: `"${entry}" is not ${expected}.` }],
    )
  })
}

function actionProblems(action: RouteAction): readonly Found[] {
  if (action.transport === 'refuse') {
    const { code } = action.reply
    const isNegative = code >= 400 && code <= 599
    return isNegative ? [] : [{ path: 'action.reply', message: `A refusal needs a reply of 4yz or 5yz, not ${code}.` }]
  }
  if (action.transport !== 'host') return []
  const found: Found[] = []
  const isUnix = action.host.startsWith('unix:')
  if (isUnix && action.protocol !== 'lmtp') found.push({ path: 'action.host', message: 'A unix socket speaks LMTP.' })
  if (action.host === '' || action.host === 'unix:') found.push({ path: 'action.host', message: 'The host is empty.' })
  if (isUnix) return found
  if (!Number.isInteger(action.port) || action.port < 1 || action.port > 65_535)
    found.push({ path: 'action.port', message: `${action.port} is not a port from 1 to 65535.` })
  return found
}

const isMailbox = (text: string): boolean => parseMailbox(text, { smtputf8: true }).ok
const isSenderPattern = (text: string): boolean => text === '<>' || isDomainPattern(text)
