/**
 * The language of transcripts, read.
 *
 * `C:` a line the client sends, with CRLF; `C>` exactly what follows, with `\r`, `\n`, `\t`, `\\` and `\xHH`; `S:` one
 * line expected from the server, where `*` stands for anything. One space behind the mark belongs to it.
 * `--tls--` the client does the handshake; `--close--` the server has closed, and nothing more came. `#` a comment;
 * `#: name value` a setting (see `TranscriptSettings`), `#: title` the first of a transcript. Several `C` lines in a row
 * are sent at once.
 */

/** One step of a transcript. */
export type TranscriptStep =
  | { readonly kind: 'send'; readonly line: number; readonly bytes: Uint8Array }
  | { readonly kind: 'expect'; readonly line: number; readonly pattern: string }
  | { readonly kind: 'tls'; readonly line: number }
  | { readonly kind: 'close'; readonly line: number }

/**
 * What surrounds the session, by name: `title`, `hostname`, `protocol`, `starttls`, `implicit-tls`, `auth PLAIN LOGIN`,
 * `plaintext-auth`, `bare-newlines repair`, `limit NAME NUMBER`, `answer WHAT CODE [STATUS] TEXT` (WHAT: a mailbox, a
 * verb, or `content` for the reply to the end of data), `stages NAME ...` (only these).
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
  /** Empty: all. */
  readonly stages: readonly string[]
}

/** A transcript: settings and steps. */
export interface Transcript {
  readonly settings: TranscriptSettings
  readonly steps: readonly TranscriptStep[]
}

/** A transcript that cannot be read; a mistake of who wrote it. */
export class TranscriptSyntaxError extends Error {
  override readonly name: string = 'TranscriptSyntaxError'
}

const encoder = new TextEncoder()

/** Reads transcripts; each begins with its `#: title`. Throws a `TranscriptSyntaxError` with the line's number. */
export function parseTranscripts(text: string): readonly Transcript[] {
  const transcripts: Transcript[] = []
  let steps: TranscriptStep[] = []
  let settings: SettingsReader | undefined
  const close = (): void => {
    if (settings !== undefined) transcripts.push({ settings: settings.settings(), steps })
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
  const [first = '', ...others] = pattern.split('*')
  if (others.length === 0) return line === pattern
  if (!line.startsWith(first)) return false
  let at = first.length
  const last = others.pop() ?? ''
  for (const part of others) {
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
    const byte = plain[index] ?? 0
    if (byte !== BACKSLASH) {
      bytes.push(byte)
      continue
    }
    const escape = String.fromCharCode(plain[index + 1] ?? 0)
    const simple = ESCAPES.get(escape)
    const hex = String.fromCharCode(plain[index + 2] ?? 0, plain[index + 3] ?? 0)
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

const PROTOCOLS: ReadonlyMap<string, TranscriptSettings['protocol']> = new Map([
  ['smtp', 'smtp'],
  ['submission', 'submission'],
  ['lmtp', 'lmtp'],
])

/** Collects `#:` lines. */
class SettingsReader {
  readonly #values = new Map<string, string>()
  readonly #limits: Record<string, number> = {}
  readonly #answers = new Map<string, string>()

  read(text: string, line: number): void {
    const [name = '', ...rest] = text.split(' ')
    const value = rest.join(' ')
    if (!NAMES.has(name)) throw new TranscriptSyntaxError(`line ${line}: no such setting: ${name}`)
    if (name === 'limit') this.#limits[rest[0] ?? ''] = Number(rest[1])
    else if (name === 'answer') this.#answers.set(rest[0] ?? '', rest.slice(1).join(' '))
    else this.#values.set(name, value)
  }

  settings(): TranscriptSettings {
    const value = (name: string): string | undefined => this.#values.get(name)
    const words = (name: string): readonly string[] => value(name)?.split(' ') ?? []
    return {
      title: value('title') ?? 'untitled',
      hostname: value('hostname') ?? 'mx.example.net',
      protocol: PROTOCOLS.get(value('protocol') ?? 'smtp') ?? 'smtp',
      startTls: this.#values.has('starttls'),
      implicitTls: this.#values.has('implicit-tls'),
      mechanisms: words('auth'),
      allowPlaintextAuth: this.#values.has('plaintext-auth'),
      bareNewlines: value('bare-newlines') === 'repair' ? 'repair' : 'refuse',
      limits: this.#limits,
      answers: this.#answers,
      stages: words('stages'),
    }
  }
}

const NAMES: ReadonlySet<string> = new Set([
  ...(['title', 'hostname', 'protocol', 'starttls', 'implicit-tls', 'auth', 'plaintext-auth'] as const),
  ...(['bare-newlines', 'limit', 'answer', 'stages'] as const),
])
