/** What surrounds the session of a transcript, read from its `#:` lines. */

import type { Extension } from '../extension.ts'
import { EXTENSIONS } from '../extensions.ts'
import { transcriptExtension } from './transcript-extensions.ts'

/**
 * What surrounds the session, by name: `title`, `hostname`, `protocol`, `starttls`, `implicit-tls`, `auth PLAIN LOGIN`,
 * `plaintext-auth`, `bare-newlines repair`, `limit NAME NUMBER`, `answer WHAT CODE [STATUS] TEXT` (WHAT: a mailbox, a
 * verb, or `content` for the reply to the end of data), `extension NAME [VALUE ...]` (one more), `without NAME` (one less),
 * `trusted`, `command WORD CODE [STATUS] TEXT` (a command that was agreed on, and its answer), `stages NAME ...` (only
 * these).
 *
 * Limits may be below their floors; `errorDelayMs` is 0 unless it is set.
 */
export interface TranscriptSettings {
  readonly title: string
  readonly hostname: string
  readonly protocol: 'smtp' | 'submission' | 'lmtp'
  readonly startTls: boolean
  readonly implicitTls: boolean
  readonly mechanisms: readonly string[]
  readonly allowPlaintextAuth: boolean
  readonly bareNewlines: 'refuse' | 'repair'
  readonly limits: Readonly<Record<string, number>>
  readonly answers: ReadonlyMap<string, string>
  readonly extensions: readonly Extension[]
  readonly trusted: boolean
  /** Words of commands that were agreed on; their answers are among `answers`. */
  readonly commands: readonly string[]
  /** Empty: all. */
  readonly stages: readonly string[]
}

/** A transcript that cannot be read; a mistake of who wrote it. */
export class TranscriptSyntaxError extends Error {
  override readonly name: string = 'TranscriptSyntaxError'
}

const PROTOCOLS: ReadonlyMap<string, TranscriptSettings['protocol']> = new Map([
  ['smtp', 'smtp'],
  ['submission', 'submission'],
  ['lmtp', 'lmtp'],
])

const NAMES: ReadonlySet<string> = new Set([
  ...(['title', 'hostname', 'protocol', 'starttls', 'implicit-tls', 'auth', 'plaintext-auth'] as const),
  ...(['bare-newlines', 'limit', 'answer', 'stages', 'extension', 'without', 'trusted', 'command'] as const),
])

/** Collects `#:` lines. */
export class SettingsReader {
  readonly #values = new Map<string, string>()
  readonly #limits: Record<string, number> = { errorDelayMs: 0 }
  readonly #answers = new Map<string, string>()
  readonly #commands: string[] = []
  #extensions: readonly Extension[] = EXTENSIONS

  /** Takes one line, without its mark. Throws a `TranscriptSyntaxError`. */
  read(text: string, line: number): void {
    const [name, value] = cut(text)
    if (!NAMES.has(name)) throw new TranscriptSyntaxError(`line ${line}: no such setting: ${name}`)
    switch (name) {
      case 'limit':
        this.#limits[cut(value)[0]] = Number(cut(value)[1])
        break
      case 'answer':
        this.#answers.set(...cut(value))
        break
      case 'command':
        this.#answers.set(...cut(value))
        this.#commands.push(cut(value)[0])
        break
      case 'without':
        this.#extensions = this.#extensions.filter((each) => each.name !== value)
        break
      case 'extension': {
        const extension = transcriptExtension(value)
        if (extension === undefined) throw new TranscriptSyntaxError(`line ${line}: no such extension: ${value}`)
        this.#extensions = [...this.#extensions, extension]
        break
      }
      default:
        this.#values.set(name, value)
    }
  }

  /** What the lines come to. */
  settings(): TranscriptSettings {
    const value = (name: string, otherwise: string): string => this.#values.get(name) ?? otherwise
    const words = (name: string): readonly string[] =>
      value(name, '')
        .split(' ')
        .filter((word) => word !== '')
    return {
      title: value('title', ''),
      hostname: value('hostname', 'mx.example.net'),
      protocol: PROTOCOLS.get(value('protocol', '')) ?? 'smtp',
      startTls: this.#values.has('starttls'),
      implicitTls: this.#values.has('implicit-tls'),
      mechanisms: words('auth'),
      allowPlaintextAuth: this.#values.has('plaintext-auth'),
      bareNewlines: value('bare-newlines', '') === 'repair' ? 'repair' : 'refuse',
      limits: this.#limits,
      answers: this.#answers,
      extensions: this.#extensions,
      trusted: this.#values.has('trusted'),
      commands: this.#commands,
      stages: words('stages'),
    }
  }
}

/** The first word, and what stands behind the space after it. */
function cut(text: string): [string, string] {
  const space = text.indexOf(' ')
  return space === -1 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)]
}
