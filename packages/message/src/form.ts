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
import { type FieldFault, type FormFault, type FormOptions, PlaceFinder } from './form-fault.ts'
import { checkSyntax, countAuthors } from './form-syntax.ts'
import type { Header } from './header.ts'
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
  const finder = new PlaceFinder(header)
  const faults: FormFault[] = []
  const known = new Set<string>()
  let others = 0
  const add = (fault: FieldFault, index: number): void => {
    if (fault.severity === 'fatal') {
      const key = `${fault.kind} ${fault.name}`
      if (known.has(key)) return
      known.add(key)
    } else {
      if (others >= maxFaults) return
      others += 1
    }
    faults.push(finder.place(fault, index))
  }
  for (const fault of findMissing(header)) faults.push({ ...fault, place: undefined })
  const seen = new Set<string>()
  for (const [index, field] of header.fields.entries()) {
    if (field.name === '') add(UNREADABLE, index)
    const key = field.name.toLowerCase()
    const limit = ONCE.get(key)
    if (limit !== undefined && seen.has(key)) add(doubled(limit), index)
    seen.add(key)
    if (others >= maxFaults && !SINGLE_KEYS.has(key)) continue
    for (const fault of checkSyntax(field)) add(fault, index)
    for (const fault of checkBytes(field, options)) add(fault, index)
    if (isAddressField(field)) {
      for (const { at, lacks } of findUnqualified(field.raw)) if (lacks === 'parent') add(unqualified(field.name, at), index)
    }
  }
  for (const { fault, first } of findMissingInBlocks(header)) add(fault, finder.indexOf(first))
  return faults
}

const SINGLE_KEYS: ReadonlySet<string> = new Set(SINGLE.map((name) => name.toLowerCase()))

const UNREADABLE: FieldFault = {
  kind: 'unreadable',
  severity: 'fatal',
  name: '',
  explain: 'A line of the header section is no field (RFC 5322 §2.2).',
  rule: 'field-name',
  expected: 'a field-name and a colon',
  at: { bytes: 0 },
}
