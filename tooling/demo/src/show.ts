/** What the demo prints, in colour where a terminal reads it. */

import { styleText } from 'node:util'

/** Writes a line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

export const bold = (text: string): string => styleText('bold', text)
export const dim = (text: string): string => styleText('dim', text)
export const green = (text: string): string => styleText('green', text)
export const red = (text: string): string => styleText('red', text)

/** One step of a message: how long after it was sent, who did it, what. */
export function showHop(elapsedMs: number, who: string, what: string): void {
  say(`  ${dim(`${Math.round(elapsedMs)} ms`.padStart(8))}  ${who.padEnd(15)} ${what}`)
}

/** Breaks text at blanks into lines of at most `width` characters; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

/** Time since a message was sent. */
export class Stopwatch {
  #startedAt = Date.now()

  /** Begins anew. */
  start(): void {
    this.#startedAt = Date.now()
  }

  /** Milliseconds since `start`. */
  elapsed(): number {
    return this.at(Date.now())
  }

  /** The same for an instant in milliseconds since the epoch. */
  at(instant: number): number {
    return Math.max(0, instant - this.#startedAt)
  }
}
