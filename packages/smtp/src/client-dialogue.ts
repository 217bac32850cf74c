/** What the client says: the output and the lines that eyes may see of it. */

import { fromUtf8 } from '@postroad/bytes'
import type { Reply } from '@postroad/envelope'
import { ClientOutput } from './client-output.ts'

/** Told each line of the dialogue, without CRLF. */
export type LineListener = (from: 'client' | 'server', line: string) => void

/** The output of one session, commands and content; used by `ClientSession` and its parts. */
export class ClientDialogue {
  readonly output: ClientOutput = new ClientOutput()
  /** A command waits in the output: no reply can be meant for it yet. */
  commandQueued = false

  readonly #onLine: LineListener | undefined

  constructor(onLine: LineListener | undefined) {
    this.#onLine = onLine
  }

  /** Sends a line; `shown` is what eyes see of it. */
  sendLine(line: string, shown: string = line): void {
    this.show(shown)
    this.commandQueued = true
    this.output.push(fromUtf8(`${line}\r\n`))
  }

  /** Sends lines that have their CRLF, in one piece. */
  sendLines(lines: readonly string[]): void {
    if (lines.length === 0) return
    if (this.#onLine !== undefined) for (const line of lines) this.#onLine('client', line.slice(0, -2))
    this.commandQueued = true
    this.output.push(fromUtf8(lines.join('')))
  }

  /** Gives out what waits. */
  take(): Uint8Array | undefined {
    this.commandQueued = false
    return this.output.take()
  }

  /** Gives out what waits, without a copy of what is long. */
  takeParts(): readonly Uint8Array[] {
    this.commandQueued = false
    return this.output.takeParts()
  }

  /** Shows a line of ours that is no command by itself. */
  show(line: string): void {
    this.#onLine?.('client', line)
  }

  /** Shows a reply; a challenge of AUTH is not shown. */
  showReply({ code, status, lines }: Reply, secret: boolean): void {
    if (this.#onLine === undefined) return
    const prefix = status === undefined ? '' : `${status} `
    for (const [index, line] of lines.entries()) {
      const text = code === 334 && secret ? '****' : line
      this.#onLine('server', `${code}${index === lines.length - 1 ? ' ' : '-'}${prefix}${text}`)
    }
  }
}
