/** Lines for people: `12:00:01.234 info  sentence  field=value ...`. */

import type { DestinationStream } from 'pino'

const HIDDEN = new Set(['time', 'level', 'msg', 'event'])

/** A stream that rewrites pino's lines before they reach `sink`; a line that is no JSON passes as it is. */
export function prettyStream(sink: DestinationStream): DestinationStream {
  return { write: (line) => sink.write(prettyLine(line)) }
}

/** One line. */
export function prettyLine(line: string): string {
  let fields: unknown
  try {
    fields = JSON.parse(line)
  } catch {
    return line
  }
  if (typeof fields !== 'object' || fields === null) return line
  const text = (name: string): string => {
    const value: unknown = Reflect.get(fields, name)
    return typeof value === 'string' ? value : ''
  }
  const rest = Object.entries(fields)
    .filter(([name, value]) => !HIDDEN.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const words = [text('time').slice(11, 23), text('level').padEnd(5), text('event'), text('msg'), ...rest]
  return `${words.join(' ')}\n`
}
