/**
 * What surrounds the session of a transcript, read from its `#:` lines.
 *
 * Nothing in them is passed over: a name that is not known, a value that means nothing, one too many and one too few are
 * mistakes, for what they were to show would not be seen.
 */

import { findMechanism } from '@postroad/sasl'
import type { Extension } from '../extension.ts'
import { EXTENSIONS } from '../extensions.ts'
import { DEFAULT_SESSION_LIMITS } from '../session-limits.ts'
import { transcriptExtension } from './transcript-extensions.ts'

/**
 * What surrounds the session, by name: `title`, `hostname`, `protocol`, `starttls`, `implicit-tls`, `auth PLAIN LOGIN`,
 * `plaintext-auth`, `bare-newlines repair`, `limit NAME NUMBER`, `answer WHAT CODE [STATUS] TEXT` (WHAT: a mailbox, a
 * verb, `connect` for the greeting, `content` for the reply to the end of data, `content:MAILBOX` for that of a recipient),
 * `extension NAME [VALUE ...]` (one more), `without NAME` (one less), `trusted`, `command WORD CODE [STATUS] TEXT` (a
 * command that was agreed on, and its answer), `stages NAME ...` (only these).
 *
 * Limits may be below their floors; `errorDelayMs` is 0 unless it is set.
 */
export interface TranscriptSettings {
  /** Names the test: `title`, with which each transcript begins. */
  readonly title: string
  /** The name of the server; default `mx.example.net`. */
  readonly hostname: string
  /** Default `smtp`. */
  readonly protocol: 'smtp' | 'submission' | 'lmtp'
  /** STARTTLS is possible; default no. */
  readonly startTls: boolean
  /** TLS from the first byte; default no. */
  readonly implicitTls: boolean
  /** Those of AUTH, in order of preference; default none. */
  readonly mechanisms: readonly string[]
  /** Mechanisms that show a password are offered without TLS, too; default no. */
  readonly allowPlaintextAuth: boolean
  /** What becomes of a bare CR or LF in content; default `refuse`. */
  readonly bareNewlines: 'refuse' | 'repair'
  /** By the names of `SessionLimits`; those not set have their defaults, but `errorDelayMs`. */
  readonly limits: Readonly<Record<string, number>>
  /** Replies as text (`452 4.2.2 mailbox full`) by what they answer; what has none is answered as usual. */
  readonly answers: ReadonlyMap<string, string>
  /** `EXTENSIONS` of this package, with what was added and without what was taken away, in the order of the lines. */
  readonly extensions: readonly Extension[]
  /** The client is one of our own (`trusted` of the session's options); default no. */
  readonly trusted: boolean
  /** Words of commands that were agreed on; their answers are among `answers`. */
  readonly commands: readonly string[]
  /** Among `whole`, `bytes`, `pieces`, `pair` and `sockets`; empty: all, and those of any other name. */
  readonly stages: readonly string[]
}

/** A transcript that cannot be read; a mistake of who wrote it. */
export class TranscriptSyntaxError extends Error {
  /** Always `TranscriptSyntaxError`. */
  override readonly name: string = 'TranscriptSyntaxError'
}

const PROTOCOLS = ['smtp', 'submission', 'lmtp'] as const
const STAGES: ReadonlySet<string> = new Set(['whole', 'bytes', 'pieces', 'pair', 'sockets'])

/** What is answered, but for mailboxes. */
const ANSWERED: ReadonlySet<string> = new Set([
  ...(['connect', 'EHLO', 'HELO', 'LHLO', 'MAIL', 'RCPT', 'DATA', 'content', 'VRFY', 'EXPN', 'HELP'] as const),
  ...(['ETRN', 'ATRN', 'XCLIENT', 'XFORWARD'] as const),
])

/** What a value comes to, beside what the lines before came to; `undefined`: it means nothing. */
type Setting = (value: string, before: TranscriptSettings) => Partial<TranscriptSettings> | undefined

const SETTINGS: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ['title', (title) => (title === '' ? undefined : { title })],
  ['hostname', (hostname) => (isWord(hostname) ? { hostname } : undefined)],
  [
    'protocol',
    (value) => {
      const protocol = PROTOCOLS.find((each) => each === value)
      return protocol === undefined ? undefined : { protocol }
    },
  ],
  ['starttls', flag({ startTls: true })],
  ['implicit-tls', flag({ implicitTls: true })],
  ['plaintext-auth', flag({ allowPlaintextAuth: true })],
  ['trusted', flag({ trusted: true })],
  [
    'auth',
    (value) => {
      const mechanisms = value.split(' ')
      return mechanisms.every((name) => findMechanism(name) !== undefined) ? { mechanisms } : undefined
    },
  ],
  ['bare-newlines', (value) => (value === 'refuse' || value === 'repair' ? { bareNewlines: value } : undefined)],
  [
    'limit',
    (value, { limits }) => {
      const [name, number] = cut(value)
      const known = Object.hasOwn(DEFAULT_SESSION_LIMITS, name) && /^\d+$/.test(number)
      return known ? { limits: { ...limits, [name]: Number(number) } } : undefined
    },
  ],
  [
    'answer',
    (value, { answers }) => {
      const [what, answer] = cut(value)
      const mailbox = what.startsWith('content:') ? what.slice('content:'.length) : what
      const known = ANSWERED.has(what) || mailbox === 'postmaster' || mailbox.includes('@')
      return known && isReply(answer) ? { answers: new Map([...answers, [what, answer]]) } : undefined
    },
  ],
  [
    'command',
    (value, { answers, commands }) => {
      const [word, answer] = cut(value)
      if (!isReply(answer)) return undefined
      return { answers: new Map([...answers, [word, answer]]), commands: [...commands, word] }
    },
  ],
  [
    'without',
    (value, { extensions }) => {
      const left = extensions.filter(({ name }) => name !== value)
      return left.length === extensions.length ? undefined : { extensions: left }
    },
  ],
  [
    'extension',
    (value, { extensions }) => {
      const extension = transcriptExtension(value)
      return extension === undefined ? undefined : { extensions: [...extensions, extension] }
    },
  ],
  [
    'stages',
    (value) => {
      const stages = value.split(' ')
      return stages.every((name) => STAGES.has(name)) ? { stages } : undefined
    },
  ],
])

/** Collects `#:` lines. */
export class SettingsReader {
  #settings: TranscriptSettings = {
    title: '',
    hostname: 'mx.example.net',
    protocol: 'smtp',
    startTls: false,
    implicitTls: false,
    mechanisms: [],
    allowPlaintextAuth: false,
    bareNewlines: 'refuse',
    limits: { errorDelayMs: 0 },
    answers: new Map(),
    extensions: EXTENSIONS,
    trusted: false,
    commands: [],
    stages: [],
  }

  /** What the lines come to. */
  get settings(): TranscriptSettings {
    return this.#settings
  }

  /** Takes one line, without its mark. Throws a `TranscriptSyntaxError`. */
  read(text: string, line: number): void {
    const [name, value] = cut(text)
    const setting = SETTINGS.get(name)
    if (setting === undefined) throw new TranscriptSyntaxError(`line ${line}: no such setting: ${name}`)
    const fields = setting(value, this.#settings)
    if (fields === undefined) throw new TranscriptSyntaxError(`line ${line}: means nothing: ${text}`)
    this.#settings = { ...this.#settings, ...fields }
  }
}

/** A setting that is there or not. */
function flag(fields: Partial<TranscriptSettings>): Setting {
  return (value) => (value === '' ? fields : undefined)
}

function isWord(text: string): boolean {
  return text !== '' && !text.includes(' ')
}

/** `452 4.2.2 mailbox full`, `250`; the status is looked for where the reply is made. */
function isReply(text: string): boolean {
  return /^[2-5]\d\d(?: |$)/.test(text)
}

/** The first word, and what stands behind the space after it. */
function cut(text: string): [string, string] {
  const space = text.indexOf(' ')
  return space === -1 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)]
}
