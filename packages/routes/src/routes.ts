/**
 * The routing table: an ordered list of rules, the first that matches wins.
 *
 * Two rules stand below whatever the operator wrote, so that every query finds one: what is local goes to our own
 * delivery agent, all else to the hosts that DNS names (RFC 5321 §5.1). Nothing is looked up here; the table is made
 * once, and a query costs time in proportion to the number of rules.
 */

import { groupOf } from './destination.ts'
import { matchRule } from './match.ts'
import { checkRules } from './problem.ts'
import type { Route, RouteQuery } from './route.ts'
import type { RouteRule } from './rule.ts'

/** A table that answers where a recipient's mail goes. Pure: the same query has the same answer. */
export interface Routes {
  /** Where it goes. */
  route(query: RouteQuery): Route
  /** Where it goes, and every rule that was looked at on the way, for people. */
  explain(query: RouteQuery): RouteExplanation
}

/** A route and how it was found. */
export interface RouteExplanation {
  readonly route: Route
  /** In the order of the table; the last is the one that matched. */
  readonly tried: readonly TriedRule[]
}

/** One rule that was looked at. */
export interface TriedRule {
  /** The rule's name, `rule 1` (counted from 1) where it has none; `default: local` and `default: mx` are ours. */
  readonly rule: string
  readonly matched: boolean
  /** A phrase: which condition did not hold, or which held: `domain example.org is not .example.net`. */
  readonly why: string
}

/** The rules below every table. */
const DEFAULT_RULES: readonly RouteRule[] = [
  { name: 'default: local', match: { role: ['local'] }, action: { transport: 'local' } },
  { name: 'default: mx', match: {}, action: { transport: 'mx' } },
]

/**
 * Creates a table. The rules of the operator come first; without any, local mail is delivered and all else goes by MX.
 *
 * @throws {RouteRulesError} `ROUTES_RULES_INVALID` with every problem of the rules.
 */
export function createRoutes(rules: readonly RouteRule[] = []): Routes {
  checkRules(rules)
  const table = [...rules.map((rule, index) => ({ rule, name: rule.name ?? `rule ${index + 1}` })), ...DEFAULTS]

  const explain = (query: RouteQuery): RouteExplanation => {
    const tried: TriedRule[] = []
    for (const { rule, name } of table) {
      const { matched, why } = matchRule(rule.match, query)
      tried.push({ rule: name, matched, why })
      if (matched) return { route: routeOf(rule, query), tried }
    }
    // The last default matches everything; this is for the compiler.
    return { route: routeOf({ match: {}, action: { transport: 'mx' } }, query), tried }
  }

  return { route: (query) => explain(query).route, explain }
}

const DEFAULTS = DEFAULT_RULES.map((rule) => ({ rule, name: rule.name ?? '' }))

function routeOf({ action }: RouteRule, { recipient }: RouteQuery): Route {
  if (action.transport === 'refuse') return { kind: 'refuse', reply: action.reply }
  const destination = action.transport === 'mx' ? { transport: 'mx' as const, domain: action.domain ?? recipient.domain } : action
  return { kind: 'deliver', destination, group: groupOf(destination) }
}
