/**
 * Where a recipient's mail goes next: an ordered table of rules, pure, that explains itself.
 *
 * @packageDocumentation
 */

// The table
export { createRoutes } from './routes.ts'
export type { RouteExplanation, Routes, TriedRule } from './routes.ts'
export type { RouteAction, RouteMatch, RouteRule } from './rule.ts'
export { RouteRulesError } from './problem.ts'
export type { RouteProblem } from './problem.ts'

// Queries and answers
export type { Destination, Route, RouteQuery, TlsMode } from './route.ts'
export { formatDestination, groupOf } from './destination.ts'
