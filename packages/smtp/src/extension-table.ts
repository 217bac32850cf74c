/** A list of extensions, turned once into what a session looks things up in. */

import type { Verb } from './command-order.ts'
import type { Extension, ParameterReader, ParameterReaders } from './extension.ts'
import { offersSmtputf8 } from './extensions/smtputf8.ts'
import type { MailRequest, RcptRequest } from './handler.ts'

/** Readers of a parameter in the order of the list. */
export type ReaderTable<Request> = ReadonlyMap<string, readonly ParameterReader<Request>[]>

/** RFC 5321 §4.5.3.1.4. */
const BASE_LINE_BYTES = 512

/** What a list of extensions comes to. */
export interface ExtensionTable {
  readonly extensions: readonly Extension[]
  readonly names: ReadonlySet<string>
  /** SMTPUTF8 is offered. */
  readonly smtputf8: boolean
  /** Replies carry enhanced status codes (RFC 2034 §4). */
  readonly statusCodes: boolean
  /** Commands that they bring. */
  readonly verbs: ReadonlySet<Verb>
  readonly mail: ReaderTable<MailRequest>
  readonly rcpt: ReaderTable<RcptRequest>
  /** Those that look at all parameters of MAIL together. */
  readonly checks: readonly NonNullable<Extension['checkMail']>[]
  /** The longest command line with its CRLF: 512 and what they add to MAIL or RCPT, whichever is more (RFC 5321 §4.5.3.1.4). */
  readonly lineBytes: number
}

const TABLES = new WeakMap<readonly Extension[], ExtensionTable>()

/** The table of a list; made once for each list. */
export function extensionTable(extensions: readonly Extension[]): ExtensionTable {
  let table = TABLES.get(extensions)
  if (table === undefined) {
    table = makeTable(extensions)
    TABLES.set(extensions, table)
  }
  return table
}

function makeTable(extensions: readonly Extension[]): ExtensionTable {
  const mailOctets = extensions.reduce((sum, { mailOctets = 0 }) => sum + mailOctets, 0)
  const rcptOctets = extensions.reduce((sum, { rcptOctets = 0 }) => sum + rcptOctets, 0)
  const names = new Set(extensions.map(({ name }) => name))
  return {
    extensions,
    names,
    smtputf8: offersSmtputf8(names),
    statusCodes: names.has('ENHANCEDSTATUSCODES'),
    verbs: new Set(extensions.flatMap(({ verbs = [] }) => verbs)),
    mail: gather(extensions.map(({ mail }) => mail)),
    rcpt: gather(extensions.map(({ rcpt }) => rcpt)),
    checks: extensions.flatMap(({ checkMail }) => checkMail ?? []),
    lineBytes: BASE_LINE_BYTES + Math.max(mailOctets, rcptOctets),
  }
}

function gather<Request>(readers: readonly (ParameterReaders<Request> | undefined)[]): ReaderTable<Request> {
  const table = new Map<string, ParameterReader<Request>[]>()
  for (const [name, reader] of readers.flatMap((each) => Object.entries(each ?? {}))) {
    const known = table.get(name)
    if (known === undefined) table.set(name, [reader])
    else known.push(reader)
  }
  return table
}
