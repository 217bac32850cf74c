/**
 * The language of transcripts, read.
 *
 * `C:` a line the client sends, with CRLF; `C>` exactly what follows, with `\r`, `\n`, `\t`, `\\` and `\xHH`; `S:` one
 * line expected from the server, where `*` stands for anything; `S: 250-...` any number of lines that begin so, none too.
 * One space behind the mark belongs to it.
 * `--tls--` the client does the handshake; `--close--` the server has closed, and nothing more came. `#` a comment;
 * `#: name value` a setting (see `TranscriptSettings`), `#: title` the first of a transcript. Several `C` lines in a row
 * are sent at once.
 */

import { byteAt } from '@postroad/bytes'
import { SettingsReader, TranscriptSyntaxError } from './transcript-settings.ts'
import type { TranscriptSettings } from './transcript-settings.ts'

/** One step of a transcript. */
export type TranscriptStep =
  | { readonly kind: 'send'; readonly line: number; readonly bytes: Uint8Array }
  | { readonly kind: 'expect'; readonly line: number; readonly pattern: string }
  | { readonly kind: 'tls'; readonly line: number }
  | { readonly kind: 'close'; readonly line: number }

/** A transcript: settings and steps. */
export interface Transcript {
  /** What its `#:` lines come to, wherever they stand in it. */
  readonly settings: TranscriptSettings
  /** In the order of the lines, each with its number in the text; may be none. */
  readonly steps: readonly TranscriptStep[]
}

const encoder = new TextEncoder()

/** Reads transcripts; each begins with its `#: title`. Throws a `TranscriptSyntaxError` with the line's number. */
export function parseTranscripts(text: string): readonly Transcript[] {
  const transcripts: Transcript[] = []
  let steps: TranscriptStep[] = []
  let settings: SettingsReader | undefined
  const close = (): void => {
    if (settings !== undefined) transcripts.push({ settings: settings.settings, steps })
    steps = []
  }
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1
    const trimmed = raw.trimStart()
    const mark = trimmed.slice(0, 2)
    const rest = trimmed.slice(trimmed.charAt(2) === ' ' ? 3 : 2)
    const word = trimmed.trim()
    if (mark === '#:' && rest.startsWith('title ')) {
      close()
      settings = new SettingsReader()
    }
    if (word === '' || (trimmed.startsWith('#') && mark !== '#:')) continue
    if (settings === undefined) throw new TranscriptSyntaxError(`line ${line}: a transcript begins with "#: title"`)
    if (mark === '#:') settings.read(rest.trim(), line)
    else if (mark === 'C:') steps.push({ kind: 'send', line, bytes: encoder.encode(`${rest}\r\n`) })
    else if (mark === 'C>') steps.push({ kind: 'send', line, bytes: unescape(rest, line) })
    else if (mark === 'S:') steps.push({ kind: 'expect', line, pattern: rest })
    else if (word === '--tls--') steps.push({ kind: 'tls', line })
    else if (word === '--close--') steps.push({ kind: 'close', line })
    else throw new TranscriptSyntaxError(`line ${line}: neither C:, C>, S:, --tls--, --close-- nor a comment`)
  }
  close()
  return transcripts
}

/** Whether a line is what a pattern says; `*` stands for any text, the empty one too. */
export function matchesPattern(pattern: string, line: string): boolean {
  const star = pattern.indexOf('*')
  if (star === -1) return line === pattern
  const last = pattern.slice(pattern.lastIndexOf('*') + 1)
  if (!line.startsWith(pattern.slice(0, star))) return false
  let at = star
  for (const part of pattern.split('*').slice(1, -1)) {
    const found = line.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return line.length - last.length >= at && line.endsWith(last)
}

function unescape(text: string, line: number): Uint8Array {
  const bytes: number[] = []
  const plain = encoder.encode(text)
  for (let index = 0; index < plain.length; index += 1) {
    const byte = byteAt(plain, index)
    if (byte !== BACKSLASH) {
      bytes.push(byte)
      continue
    }
    const escape = String.fromCharCode(byteAt(plain, index + 1))
    const simple = ESCAPES.get(escape)
    const hex = String.fromCharCode(byteAt(plain, index + 2), byteAt(plain, index + 3))
    if (simple !== undefined) bytes.push(simple)
    else if (escape === 'x' && /^[0-9A-Fa-f]{2}$/.test(hex)) bytes.push(Number.parseInt(hex, 16))
    else throw new TranscriptSyntaxError(`line ${line}: \\${escape} means nothing`)
    index += simple === undefined ? 3 : 1
  }
  return Uint8Array.from(bytes)
}

const BACKSLASH = 0x5c
const ESCAPES: ReadonlyMap<string, number> = new Map([
  ['r', 13],
  ['n', 10],
  ['t', 9],
  ['\\', BACKSLASH],
])
