/** What is wrong with a configuration, told so that it can be mended without reading the source. */

import type { Place } from './place.ts'

/** Where a value came from. */
export type Origin =
  | { readonly kind: 'default' }
  | ({ readonly kind: 'file'; readonly path: string | undefined } & Place)
  | { readonly kind: 'environment'; readonly variable: string }
  /** A file that the setting named by `{ file = "path" }`, in the configuration file or the environment. */
  | { readonly kind: 'secret-file'; readonly path: string }

/** One thing that is wrong. */
export interface ConfigProblem {
  /** The setting as the file writes it, `relay.give-up-after`, `route[0].to`; empty for the file as a whole. */
  readonly key: string
  /** 1-based; `undefined` where the value does not come from the file. */
  readonly line: number | undefined
  /** 1-based, in UTF-16 units. */
  readonly column: number | undefined
  /** Where the value came from; `undefined` where there is none. */
  readonly origin: Origin | undefined
  /** The value seen, shortened to 80 characters; secrets are `***`; `undefined` where there is none to show. */
  readonly seen: string | undefined
  /** The accepted form, as a phrase. */
  readonly accepted: string
  /** For an unknown key: the known one it is most like, in full. */
  readonly nearest: string | undefined
  /** What is wrong, as a phrase, where it is no value of the wrong form: an unknown key, a file that is no TOML. */
  readonly fault?: string
}

/** The fault of a key that is none. */
export const UNKNOWN_SETTING = 'there is no such setting'

/** Writes a problem as one line: `postroad.toml:12:17 relay.lease: saw 5, accepted: a duration ...`. */
export function formatProblem(problem: ConfigProblem): string {
  const { origin, key, seen, accepted, nearest, fault } = problem
  const from = origin === undefined ? '' : `${formatOrigin(origin)}${isVariable(problem) ? ':' : ''} `
  const subject = key === '' || isVariable(problem) ? '' : `${key}: `
  if (fault === undefined) return `${from}${subject}${seen === undefined ? '' : `saw ${seen}, `}accepted: ${accepted}`
  if (fault !== UNKNOWN_SETTING) return `${from}${subject}${fault}`
  return `${from}${subject}${fault}; ${nearest === undefined ? `accepted: ${accepted}` : `did you mean ${nearest}?`}`
}

/** Whether the key is the variable that the origin names already. */
function isVariable({ origin, key }: ConfigProblem): boolean {
  return origin?.kind === 'environment' && origin.variable === key
}

/** Writes where a value came from: `postroad.toml:12:17`, `environment POSTROAD_LOG__LEVEL`, `default`. */
export function formatOrigin(origin: Origin): string {
  if (origin.kind === 'file') return `${origin.path ?? 'configuration'}:${origin.line}:${origin.column}`
  if (origin.kind === 'environment') return `environment ${origin.variable}`
  if (origin.kind === 'secret-file') return `secret file ${origin.path}`
  return 'default'
}

/** Shows a value as it was given, on one line, shortened. */
export function showSeen(value: unknown): string {
  const text =
    (typeof value === 'object' ? JSON.stringify(value) : undefined) ??
    (typeof value === 'string' ? JSON.stringify(value) : String(value))
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
