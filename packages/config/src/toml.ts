/** The configuration file as a tree with places. A document with a syntax error is empty and says so. */

import { TomlError, parse } from 'smol-toml'
import { type KeyPlace, findPlaces } from './place.ts'
import type { ConfigProblem } from './problem.ts'

/** A parsed file. */
export interface Document {
  readonly path: string | undefined
  readonly root: Readonly<Record<string, unknown>>
  readonly places: ReadonlyMap<string, KeyPlace>
  /** False where the file could not be read or has a syntax error: what it sets is then unknown. */
  readonly complete: boolean
}

/** Deeper than any setting; bounds the recursion on a hostile file. */
const MAX_DEPTH = 16

/** Parses the text of a file; `undefined` is one that could not be read. */
export function parseDocument(text: string | undefined, path: string | undefined, problems: ConfigProblem[]): Document {
  if (text === undefined) return { path, root: {}, places: new Map(), complete: false }
  // A byte order mark is no TOML, but editors leave it.
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text
  try {
    return { path, root: parse(plain, { maxDepth: MAX_DEPTH }), places: findPlaces(plain), complete: true }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const { line, column } = error
    // The rest of the message quotes the file, and with it perhaps a secret.
    const [reason = ''] = error.message.replace('Invalid TOML document: ', '').split('\n')
    const origin = { kind: 'file', path, line, column } as const
    const fault = `this is not TOML: ${reason}`
    problems.push({ key: '', line, column, origin, seen: undefined, accepted: 'TOML', nearest: undefined, fault })
    return { path, root: {}, places: new Map(), complete: false }
  }
}

/** Reads the text of an environment variable as a TOML value, where it looks like a list or a table; else `undefined`. */
export function parseInlineValue(text: string): unknown {
  if (!/^(\[\s*["'{\]]|\{)/.test(text)) return undefined
  try {
    return parse(`value = ${text}`, { maxDepth: MAX_DEPTH })['value']
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    return undefined
  }
}
