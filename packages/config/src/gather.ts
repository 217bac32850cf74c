/**
 * What was given for each setting: from the file, or over it from the environment, secrets fetched from their files.
 * Whatever belongs to no setting becomes a problem here.
 */

import { nearest } from './nearest.ts'
import { MASK } from './own-kind.ts'
import { joinKey, type Place } from './place.ts'
import { type ConfigProblem, type Origin, showSeen, UNKNOWN_SETTING } from './problem.ts'
import { reasonOf } from './reason.ts'
import { type ListedSetting, SETTINGS, TABLES, variableOf } from './setting-list.ts'
import { type Document, parseInlineValue } from './toml.ts'

/** A value for one setting, not yet checked. */
export interface Given {
  readonly value: unknown
  readonly origin: Origin
  /** Its problem is known already: there is nothing to check. */
  readonly broken: boolean
  /** Where a key at or below the setting has its value in the file; `undefined` for what is not there. */
  readonly placeOf: (key: string) => Place | undefined
}

/** What to gather from. */
export interface GatherOptions {
  readonly document: Document
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly readFile: (path: string) => Promise<string>
  /** Takes the problems found. */
  readonly problems: ConfigProblem[]
}

/** Gathers every setting that was given, by its key. */
export async function gather(options: GatherOptions): Promise<ReadonlyMap<string, Given>> {
  const given = new Map<string, Given>()
  fromTable(options, '', options.document.root, given)
  fromEnvironment(options, given)
  for (const setting of SETTINGS) {
    const value = given.get(setting.key)
    if (setting.secret && value) given.set(setting.key, await fetchSecret(setting, value, options))
  }
  return given
}

function fromTable(
  options: GatherOptions,
  path: string,
  table: Readonly<Record<string, unknown>>,
  given: Map<string, Given>,
): void {
  const { document, problems } = options
  for (const [word, value] of Object.entries(table)) {
    const key = joinKey(path, word)
    const places = document.places.get(key)
    const origin: Origin = { kind: 'file', path: document.path, ...(places?.value ?? { line: 1, column: 1 }) }
    if (SETTINGS.some((setting) => setting.key === key)) {
      given.set(key, { value, origin, broken: false, placeOf: (at) => document.places.get(at)?.value })
    } else if (!TABLES.includes(key)) {
      const near = nearestKey(path, word)
      const at: Origin = { kind: 'file', path: document.path, ...(places?.key ?? { line: 1, column: 1 }) }
      // The value is not shown: a mistyped key may hold a secret.
      problems.push(unknown(key, at, 'one that `postroad config example` shows', near))
    } else if (isTable(value)) {
      fromTable(options, key, value, given)
    } else {
      problems.push(problem(key, origin, showSeen(value), `a table [${key}]`))
    }
  }
}

/** Nearest among the keys beside it, else among the last words of all keys. */
function nearestKey(path: string, word: string): string | undefined {
  const all = [...SETTINGS.map(({ key }) => key), ...TABLES]
  const prefix = path === '' ? '' : `${path}.`
  const beside = all.filter((key) => key.startsWith(prefix) && !key.slice(prefix.length).includes('.'))
  const near = nearest(
    word,
    beside.map((key) => key.slice(prefix.length)),
  )
  if (near !== undefined) return prefix + near
  return all.find((key) => key.split('.').at(-1) === word)
}

function fromEnvironment({ environment, problems }: GatherOptions, given: Map<string, Given>): void {
  const variables = new Map(SETTINGS.map((setting) => [setting.variable, setting]))
  for (const [variable, text] of Object.entries(environment)) {
    if (text === undefined || text === '' || !variable.startsWith('POSTROAD_')) continue
    const setting = variables.get(variable)
    const origin: Origin = { kind: 'environment', variable }
    if (setting !== undefined) {
      const value = parseInlineValue(text) ?? setting.fromText(text)
      given.set(setting.key, { value, origin, broken: false, placeOf: () => undefined })
    } else if (variable.includes('__')) {
      // Without `__` it is not ours: orchestrators set names such as POSTROAD_PORT for a service called postroad.
      const near = nearest(
        variable,
        SETTINGS.map(({ key }) => variableOf(key).toLowerCase().replaceAll('_', '-')),
      )
      const meant = near === undefined ? undefined : near.toUpperCase().replaceAll('-', '_')
      problems.push(unknown(variable, origin, 'POSTROAD_TABLE__KEY of one that `postroad config example` shows', meant))
    }
  }
}

/** Follows `{ file = "path" }`; one line end after the secret is not part of it. */
async function fetchSecret(setting: ListedSetting, given: Given, options: GatherOptions): Promise<Given> {
  const { value } = given
  if (!isTable(value)) return given
  const broken = (seen: string | undefined, accepted: string): Given => {
    options.problems.push(problem(setting.key, given.origin, seen, accepted))
    return { ...given, broken: true }
  }
  const file = value['file']
  if (typeof file !== 'string' || file === '' || Object.keys(value).length !== 1) {
    return broken(MASK, 'the value itself or { file = "/path" }')
  }
  try {
    const text = (await options.readFile(file)).replace(/\r?\n$/, '')
    if (text === '') return broken(`${file} (empty)`, 'a file with the value on its first line')
    return { value: text, origin: { kind: 'secret-file', path: file }, broken: false, placeOf: given.placeOf }
  } catch (error) {
    return broken(`${file} (${reasonOf(error)})`, 'a file that can be read')
  }
}

function problem(key: string, origin: Origin, seen: string | undefined, accepted: string): ConfigProblem {
  const place = origin.kind === 'file' ? origin : undefined
  return { key, line: place?.line, column: place?.column, origin, seen, accepted, nearest: undefined }
}

function unknown(key: string, origin: Origin, accepted: string, near: string | undefined): ConfigProblem {
  return { ...problem(key, origin, undefined, accepted), nearest: near, fault: UNKNOWN_SETTING }
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}
