/** The settings as a flat list, for whoever needs their keys: the walk of `readConfig` with a source that only notes. */

import { type Setting, type Source, readConfig } from './settings.ts'

/** One setting, without the type of its value. */
export interface ListedSetting {
  /** `relay.give-up-after`. */
  readonly key: string
  /** The environment variable that sets it. */
  readonly variable: string
  readonly secret: boolean
  readonly fromText: (text: string) => unknown
}

/** Every setting, in the order of the example file. */
export const SETTINGS: readonly ListedSetting[] = listSettings()

/** Every table, in the same order. */
export const TABLES: readonly string[] = [...new Set(SETTINGS.flatMap(({ key }) => parents(key)))]

/** `relay.give-up-after` is `POSTROAD_RELAY__GIVE_UP_AFTER`. */
export function variableOf(key: string): string {
  return `POSTROAD_${key.toUpperCase().replaceAll('-', '_').replaceAll('.', '__')}`
}

function listSettings(): ListedSetting[] {
  const settings: ListedSetting[] = []
  const note = <T>(key: string, { secret = false, kind }: Setting<T>): void => {
    settings.push({ key, variable: variableOf(key), secret, fromText: kind.fromText })
  }
  const at = (prefix: string): Source => ({
    value: (key, fallback, setting) => {
      note(prefix + key, setting)
      return fallback
    },
    optional: (key, setting) => {
      note(prefix + key, setting)
      return undefined
    },
    table: (key, _about, walk) => walk(at(`${prefix}${key}.`)),
  })
  readConfig(at(''), 'localhost')
  return settings
}

function parents(key: string): string[] {
  const words = key.split('.').slice(0, -1)
  return words.map((_, index) => words.slice(0, index + 1).join('.'))
}
