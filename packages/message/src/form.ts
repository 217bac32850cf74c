/**
 * Checks the form of a header section and says what is wrong, how badly, and where.
 *
 * - How often each field may stand (RFC 5322 §3.6; §3.6.6 for blocks of Resent fields; RFC 2045 §3, RFC 2369 §3,
 *   RFC 2919 §3, RFC 5321 §4.4 for the others).
 * - The syntax of structured fields: see `form-syntax.ts`.
 * - Bytes and lines (RFC 5322 §2.1.1, §2.2; RFC 6532 §3): see `form-bytes.ts`.
 *
 * Linear in the section; gives a bounded number of faults.
 */

import { parseAuthors } from './authors.ts'
import { checkBytes } from './form-bytes.ts'
import type { FieldFault, FormFault, FormOptions } from './form-fault.ts'
import { checkSyntax } from './form-syntax.ts'
import type { Header, HeaderField } from './header.ts'
import { findUnqualified, isAddressField } from './qualify.ts'
import { readResentBlocks } from './resent.ts'

/** RFC 5322 §3.6: fields that occur at most once. */
const SINGLE: readonly string[] = [
  'Date',
  'From',
  'Sender',
  'Reply-To',
  'To',
  'Cc',
  'Bcc',
  'Message-ID',
  'In-Reply-To',
  'References',
  'Subject',
]

/** RFC 5322 §3.6: fields that occur at least once. */
const REQUIRED = ['Date', 'From'] as const

/** A field that may stand once only: its name, why, and how bad it is where it does not. */
interface Once {
  readonly name: string
  readonly section: string
  readonly severity: FormFault['severity']
}

const ONCE: ReadonlyMap<string, Once> = new Map(
  [
    ...once('RFC 5322 §3.6', 'fatal', SINGLE),
    ...once('RFC 2045 §3', 'error', [
      'MIME-Version',
      'Content-Type',
      'Content-Transfer-Encoding',
      'Content-ID',
      'Content-Description',
    ]),
    ...once('RFC 2369 §3', 'error', [
      'List-Help',
      'List-Unsubscribe',
      'List-Subscribe',
      'List-Post',
      'List-Owner',
      'List-Archive',
    ]),
    ...once('RFC 2919 §3', 'error', ['List-Id']),
    ...once('RFC 5321 §4.4', 'warning', ['Return-Path']),
  ].map((entry) => [entry.name.toLowerCase(), entry]),
)

function once(section: string, severity: FormFault['severity'], names: readonly string[]): Once[] {
  return names.map((name) => ({ name, section, severity }))
}

const DEFAULT_MAX_FAULTS = 100

/**
 * What is wrong with a header section; empty where nothing is.
 *
 * What is missing comes first, then what is found, in the order of the fields. Of a name it gives each kind of fault
 * `fatal` once; of all others `maxFaults` at most.
 */
export function checkForm(header: Header, options: FormOptions = {}): readonly FormFault[] {
  const { maxFaults = DEFAULT_MAX_FAULTS } = options
  const faults: FormFault[] = findMissing(header).map((fault) => ({ ...fault, kind: 'missing', severity: 'fatal' }))
  const missingInBlocks = findMissingInBlocks(header)
  const seen = new Set<string>()
  const fatal = new Set<string>()
  let others = 0
  let line = 1
  for (const [index, field] of header.fields.entries()) {
    for (const { at, ...fault } of [
      ...(missingInBlocks.get(field) ?? []),
      ...checkField(field, seen, others < maxFaults, options),
    ]) {
      const key = `${fault.kind} ${fault.name}`
      if (fault.severity === 'fatal' ? fatal.has(key) : others === maxFaults) continue
      if (fault.severity === 'fatal') fatal.add(key)
      else others += 1
      const place = { field: index, line: line + countLineEnds(field.raw, at), offset: at }
      faults.push({ ...fault, place })
    }
    line += countLineEnds(field.raw, field.raw.length)
  }
  return faults
}

/**
 * What is wrong with one field.
 *
 * @param seen The names of those above it; gets its own.
 * @param whole Whether more is asked for than what is fatal.
 */
function checkField(
  field: HeaderField,
  seen: Set<string>,
  whole: boolean,
  options: FormOptions,
): readonly FieldFault[] {
  const key = field.name.toLowerCase()
  const once = ONCE.get(key)
  const isDoubled = seen.has(key)
  seen.add(key)
  return [
    ...(key === '' ? [UNREADABLE] : []),
    ...(once !== undefined && isDoubled ? [doubled(once)] : []),
    ...(whole || FATAL.has(key) ? checkSyntax(field) : []),
    ...(whole ? [...checkBytes(field, options), ...checkDomains(field)] : []),
  ]
}

function countLineEnds(bytes: Uint8Array, end: number): number {
  let count = 0
  for (let at = 0; at < end; at += 1) if (bytes[at] === LF) count += 1
  return count
}

const LF = 10

/** Fields whose syntax can be fatal. */
const FATAL: ReadonlySet<string> = new Set(['date', 'from', 'sender'])

/** The fields that a message cannot do without. */
function findMissing(header: Header): readonly { readonly name: string; readonly explain: string }[] {
  const missing = REQUIRED.filter((name) => !header.has(name)).map((name: string) => ({
    name,
    explain: `The ${name} field is missing (RFC 5322 §3.6).`,
  }))
  if (!header.has('Sender') && countAuthors(header.first('From')) > 1) {
    const explain = 'With several addresses in From the Sender field must say who sent it (RFC 5322 §3.6.2).'
    missing.push({ name: 'Sender', explain })
  }
  return missing
}

function countAuthors(field: HeaderField | undefined): number {
  return parseAuthors(field?.value ?? '')?.length ?? 0
}

/** What blocks of Resent fields cannot do without (RFC 5322 §3.6.6), by the first field of each. */
function findMissingInBlocks(header: Header): ReadonlyMap<HeaderField | undefined, readonly FieldFault[]> {
  const faults = new Map<HeaderField | undefined, readonly FieldFault[]>()
  for (const block of readResentBlocks(header)) {
    const several = countAuthors(block.first('Resent-From')) > 1
    const names = ['Resent-Date', 'Resent-From', ...(several ? ['Resent-Sender'] : [])]
    const missing = names.filter((name) => !block.has(name))
    faults.set(block.fields[0], missing.map(missingInBlock))
  }
  return faults
}

function missingInBlock(name: string): FieldFault {
  const explain = `The ${name} field is missing in a block of Resent fields (RFC 5322 §3.6.6).`
  return { kind: 'missing', severity: 'error', name, explain, at: 0 }
}

function doubled({ name, section, severity }: Once): FieldFault {
  const explain = `The ${name} field may stand once only (${section}).`
  return { kind: 'doubled', severity, name, explain, at: 0 }
}

/** RFC 5321 §2.3.5: a domain of one label is no name that others can resolve. */
function checkDomains(field: HeaderField): readonly FieldFault[] {
  const places = isAddressField(field) ? findUnqualified(field.raw) : []
  return places
    .filter(({ lacks }) => lacks === 'parent')
    .map(({ at }) => ({
      kind: 'unqualified',
      severity: 'warning',
      name: field.name,
      explain: 'A domain of an address is not fully qualified (RFC 5321 §2.3.5).',
      rule: 'Domain',
      expected: '"." and a parent domain',
      at,
    }))
}

const UNREADABLE: FieldFault = {
  kind: 'unreadable',
  severity: 'fatal',
  name: '',
  explain: 'A line of the header section is no field (RFC 5322 §2.2).',
  rule: 'field-name',
  expected: 'a field-name and a colon',
  at: 0,
}
