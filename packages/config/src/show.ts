/** `postroad config show`: every setting, its value as TOML, and where it came from. Secrets are masked. */

import type { Config } from './config.ts'
import { MASK } from './own-kind.ts'
import { maskRedisUrl } from './redis-url.ts'
import { type Origin, formatOrigin } from './problem.ts'
import { type Setting, type Source, readConfig } from './settings.ts'

/**
 * Writes a configuration, a line for each setting with its origin behind `#`. Settings without a value are left out.
 * It is TOML, but where a secret stood there is `***`.
 */
export function formatConfig(config: Config, origins: ReadonlyMap<string, Origin>): string {
  const rows: (readonly [text: string, origin: string])[] = []
  const show = <T>(prefix: string, name: string, setting: Setting<T>): void => {
    const value = setting.of(config)
    if (value === undefined) return
    const shown = setting.secret === true ? JSON.stringify(mask(value)) : setting.kind.show(value)
    rows.push([`${prefix}${name} = ${shown}`, formatOrigin(origins.get(prefix + name) ?? { kind: 'default' })])
  }
  const at = (prefix: string): Source => ({
    value: (name, fallback, setting) => {
      show(prefix, name, setting)
      return fallback
    },
    optional: (name, setting) => {
      show(prefix, name, setting)
      return undefined
    },
    table: (name, _about, walk) => walk(at(`${prefix}${name}.`)),
  })
  readConfig(at(''), config.hostname)
  const width = Math.min(60, Math.max(...rows.map(([text]) => text.length)))
  return rows.map(([text, origin]) => `${text.padEnd(width)}  # ${origin}\n`).join('')
}

function mask(value: unknown): string {
  return typeof value === 'string' && /^rediss?[:+]/.test(value) ? maskRedisUrl(value) : MASK
}
