/** The example file: every setting with its meaning and its default. It parses to the defaults. */

import { type Setting, type Source, readConfig } from './settings.ts'

/** Lines are about this long. */
const WIDTH = 100

/** Writes the example file. What has no default, or one that depends on another setting, is a comment. */
export function exampleConfig(): string {
  const lines: string[] = [
    '# Postroad: every setting with its default. Durations and sizes have a unit: "5d", "90s", "25MiB".',
    '# Any setting can come from the environment: POSTROAD_RELAY__GIVE_UP_AFTER=3d is give-up-after in [relay].',
  ]
  const write = <T>(name: string, { about, example }: Setting<T>, fallback: string | undefined): void => {
    lines.push('', ...wrap(about))
    if (example === undefined) lines.push(`${name} = ${fallback ?? ''}`)
    else if (example.startsWith('[')) lines.push(...example.split('\n').map((line) => `# ${line}`))
    else lines.push(`# ${name} = ${example}`)
  }
  const at = (prefix: string): Source => ({
    value: (name, fallback, setting) => {
      write(name, setting, setting.kind.show(fallback))
      return fallback
    },
    optional: (name, setting) => {
      write(name, setting, undefined)
      return undefined
    },
    table: (name, about, walk) => {
      lines.push('', '', ...wrap(about), `[${prefix}${name}]`)
      return walk(at(`${prefix}${name}.`))
    },
  })
  readConfig(at(''), 'localhost')
  return `${lines.join('\n')}\n`
}

function wrap(text: string): string[] {
  const lines: string[] = []
  let line = '#'
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line)
      line = '#'
    }
    line += ` ${word}`
  }
  return [...lines, line]
}
