/** Reads a secret from the person at the terminal, without showing it, or from standard input. */

import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** The first line, without its line end; `''` where there is none. */
export async function readSecret(prompt: string): Promise<string> {
  const terminal = process.stdin.isTTY
  if (terminal) process.stderr.write(prompt)
  // A terminal would echo what is typed: readline is given an output that shows nothing.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output, terminal })
  try {
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
    if (terminal) process.stderr.write('\n')
  }
}
