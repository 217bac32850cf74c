/**
 * The routing table: an ordered list of rules, the first that matches wins.
 *
 * Two rules stand below whatever the operator wrote, so that every query finds one: what is local goes to our own
 * delivery agent, all else to the hosts that DNS names (RFC 5321 §5.1). Nothing is looked up here; the table is read
 * once, and a query costs time in proportion to the number of rules.
 */

import { groupOf } from './destination.ts'
import { compileMatch, type Matcher } from './match.ts'
import { checkRules } from './problem.ts'
import type { Route, RouteQuery } from './route.ts'
import type { RouteAction, RouteRule } from './rule.ts'

/** A table that answers where a recipient's mail goes. Pure: the same query has the same answer. */
export interface Routes {
  /** Where it goes. */
  route(query: RouteQuery): Route
  /** Where it goes, and every rule that was looked at on the way, for people. */
  explain(query: RouteQuery): RouteExplanation
}

/** A route and how it was found. */
export interface RouteExplanation {
  /** What `route` gives for the same query. */
  readonly route: Route
  /** In the order of the table; the last is the one that matched. */
  readonly tried: readonly TriedRule[]
}

/** One rule that was looked at. */
export interface TriedRule {
  /** The rule's name, `rule 1` (counted from 1) where it has none; `default: local` and `default: mx` are ours. */
  readonly rule: string
  /** True of the last that was looked at, and of no other. */
  readonly matched: boolean
  /** A phrase: the condition that did not hold (`domain example.org is not .example.net`), or those that did. */
  readonly why: string
}

/**
 * Creates a table. The rules of the operator come first; without any, local mail is delivered and all else goes by MX.
 *
 * @throws {RouteRulesError} `ROUTES_RULES_INVALID` with every problem of the rules.
 */
export function createRoutes(rules: readonly RouteRule[] = []): Routes {
  checkRules(rules)
  const named = rules.map((rule, index) => ({ ...rule, name: rule.name ?? `rule ${index + 1}` }))
  const table = [...named, DEFAULT_LOCAL].map(({ name, match, action }) => ({
    name,
    action,
    matcher: compileMatch(match),
  }))
  const last = { ...DEFAULT_MX, matcher: EVERYTHING }

  return {
    route(query) {
      const { action } = table.find(({ matcher }) => matcher.matches(query)) ?? last
      return routeOf(action, query)
    },
    explain(query) {
      const index = table.findIndex(({ matcher }) => matcher.matches(query))
      const lookedAt = index === -1 ? [...table, last] : table.slice(0, index + 1)
      const tried = lookedAt.map(({ name, matcher }) => ({
        rule: name,
        matched: matcher.matches(query),
        why: matcher.why(query),
      }))
      return { route: routeOf((lookedAt.at(-1) ?? last).action, query), tried }
    },
  }
}

const EVERYTHING: Matcher = compileMatch({})
const DEFAULT_LOCAL: Required<RouteRule> = {
  name: 'default: local',
  match: { role: ['local'] },
  action: { transport: 'local' },
}
const DEFAULT_MX: Required<RouteRule> = { name: 'default: mx', match: {}, action: { transport: 'mx' } }

function routeOf(action: RouteAction, { recipient }: RouteQuery): Route {
  switch (action.transport) {
    case 'refuse':
      return { kind: 'refuse', reply: action.reply }
    case 'mx': {
      const destination = { transport: 'mx', domain: action.domain ?? recipient.domain } as const
      return { kind: 'deliver', destination, group: groupOf(destination) }
    }
    default:
      return { kind: 'deliver', destination: action, group: groupOf(action) }
  }
}
