/**
 * Loads the configuration: a TOML file, over it the environment, below both the defaults.
 *
 * Gives a complete, deeply frozen `Config`, or every problem there is, at once and in the order of the file. It throws
 * for nothing that is written in the file, the environment or a secret file, nor for one that cannot be read.
 */

import { readFile as readFileFromDisk } from 'node:fs/promises'
import { checkTogether } from './check-together.ts'
import type { Config } from './config.ts'
import { isHostname } from './endpoint.ts'
import { type Given, gather } from './gather.ts'
import { nearest } from './nearest.ts'
import { MASK } from './own-kind.ts'
import { joinKey } from './place.ts'
import { type ConfigProblem, type Origin, showSeen, UNKNOWN_SETTING } from './problem.ts'
import { reasonOf } from './reason.ts'
import { type Setting, type Source, readConfig } from './settings.ts'
import { parseDocument } from './toml.ts'

/** What to load. With neither `path` nor `text`: the defaults and the environment. */
export interface LoadOptions {
  /** The configuration file; also names it in problems. */
  readonly path?: string
  /** Its text, where the caller has it; `path` is then only a name. */
  readonly text?: string
  /** Variables `POSTROAD_TABLE__KEY`; empty ones are unset. Default: none, nothing is read from the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Reads a file as UTF-8; default: from disk. Used for `path` and for secret files. */
  readonly readFile?: (path: string) => Promise<string>
  /** The machine's name; where it is no host name, `localhost` is taken. Default `localhost`. */
  readonly defaultHostname?: string
}

/** The configuration with the origin of each setting by its key, or all that is wrong with it. */
export type ConfigResult =
  | { readonly ok: true; readonly config: Config; readonly origins: ReadonlyMap<string, Origin> }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Loads and checks a configuration. Never rejects for what it contains. */
export async function loadConfig(options: LoadOptions = {}): Promise<ConfigResult> {
  const readFile = options.readFile ?? ((path: string) => readFileFromDisk(path, 'utf8'))
  const problems: ConfigProblem[] = []
  const document = parseDocument(await readText(options, readFile, problems), options.path, problems)
  const given = await gather({ document, environment: options.environment ?? {}, readFile, problems })
  const origins = new Map<string, Origin>()
  const config = readConfig(source('', given, origins, problems), hostnameOr(options.defaultHostname))
  if (document.complete) problems.push(...checkTogether(config, origins, new Set(problems.map(({ key }) => key))))
  if (problems.length > 0) return { ok: false, problems: problems.toSorted(byPlace) }
  return { ok: true, config: deepFreeze(config), origins }
}

async function readText(
  { path, text }: LoadOptions,
  readFile: (path: string) => Promise<string>,
  problems: ConfigProblem[],
): Promise<string | undefined> {
  if (text !== undefined || path === undefined) return text ?? ''
  try {
    return await readFile(path)
  } catch (error) {
    problems.push({
      key: '',
      line: undefined,
      column: undefined,
      origin: undefined,
      seen: undefined,
      accepted: 'a file that can be read',
      nearest: undefined,
      fault: `cannot read ${path}: ${reasonOf(error)}`,
    })
    return undefined
  }
}

/** The walk's source: takes what was given, checks it, and notes its origin or its problems. */
function source(
  prefix: string,
  given: ReadonlyMap<string, Given>,
  origins: Map<string, Origin>,
  problems: ConfigProblem[],
): Source {
  const take = <T>(name: string, fallback: T, setting: Setting<T>): T => {
    const key = prefix + name
    const found = given.get(key)
    origins.set(key, found?.origin ?? { kind: 'default' })
    if (found === undefined || found.broken) return fallback
    const parsed = setting.kind.schema.safeParse(found.value)
    if (parsed.success) return parsed.data
    for (const issue of parsed.error.issues) {
      const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [undefined]
      for (const word of unknown)
        problems.push(problemIn(key, found, path, word, issue.message, setting.secret === true))
    }
    return fallback
  }
  return {
    value: take,
    optional: (name, setting) => take(name, undefined, { ...setting, kind: optionalKind(setting.kind) }),
    table: (name, _about, walk) => walk(source(`${prefix}${name}.`, given, origins, problems)),
  }
}

function optionalKind<T>(kind: Setting<T>['kind']): Setting<T | undefined>['kind'] {
  return { ...kind, schema: kind.schema, show: (value) => (value === undefined ? '' : kind.show(value)) }
}

const ROUTE_KEYS: readonly string[] = ['domain', 'recipient', 'sender-domain', 'account', 'role', 'to', 'tls', 'reply']

/** A problem with a value, or with a part of it: `path` leads there, `unknown` names a key that does not belong. */
function problemIn(
  key: string,
  { value, origin, placeOf }: Given,
  path: readonly (string | number)[],
  unknown: string | undefined,
  accepted: string,
  secret: boolean,
): ConfigProblem {
  const steps = unknown === undefined ? path : [...path, unknown]
  let at = key
  let place = placeOf(at)
  let seen: unknown = value
  for (const step of steps) {
    at = joinKey(at, step)
    place = placeOf(at) ?? place
    seen = typeof seen === 'object' && seen !== null ? Reflect.get(seen, step) : undefined
  }
  const near = unknown === undefined || key !== 'route' ? undefined : nearest(unknown, ROUTE_KEYS)
  const shown = secret ? MASK : showSeen(seen)
  return {
    key: at,
    line: place?.line,
    column: place?.column,
    origin: place === undefined || origin.kind !== 'file' ? origin : { ...origin, ...place },
    seen: seen === undefined || unknown !== undefined ? undefined : shown,
    accepted: unknown === undefined || key !== 'route' ? accepted : `one of the keys ${ROUTE_KEYS.join(', ')}`,
    nearest: near === undefined ? undefined : joinKey(joinKeys(key, path), near),
    ...(unknown !== undefined && { fault: UNKNOWN_SETTING }),
  }
}

function joinKeys(key: string, path: readonly (string | number)[]): string {
  let joined = key
  for (const step of path) joined = joinKey(joined, step)
  return joined
}

function hostnameOr(name: string | undefined): string {
  return name !== undefined && isHostname(name) ? name : 'localhost'
}

function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  const last = Number.MAX_SAFE_INTEGER
  return (a.line ?? last) - (b.line ?? last) || (a.column ?? last) - (b.column ?? last) || 0
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
