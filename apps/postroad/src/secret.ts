/** Reads a secret from the person at the terminal, without showing it, or from standard input. */

import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { Writable, type Readable } from 'node:stream'
import { ReadStream } from 'node:tty'

/** The first line of standard input, without its line end; asked for where that is a terminal. `''`: there is none. */
export function readSecret(prompt: string): Promise<string> {
  return readLine(prompt, process.stdin, process.stdin.isTTY)
}

/**
 * Asks at the terminal itself, whatever standard input is: for commands that read something else there. `undefined`
 * where there is no terminal.
 */
export async function askSecret(prompt: string): Promise<string | undefined> {
  if (process.stdin.isTTY) return readSecret(prompt)
  const terminal = await open('/dev/tty', 'r').catch(() => undefined)
  if (terminal === undefined) return undefined
  const input = new ReadStream(terminal.fd)
  try {
    return await readLine(prompt, input, true)
  } finally {
    input.destroy()
  }
}

async function readLine(prompt: string, input: Readable, terminal: boolean): Promise<string> {
  if (terminal) process.stderr.write(prompt)
  // A terminal would echo what is typed: readline is given an output that shows nothing.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output, terminal })
  try {
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
    if (terminal) process.stderr.write('\n')
  }
}
