/**
 * The groups of fields of a message/delivery-status part (RFC 3464 §2.1), read leniently:
 *
 * - empty lines may be many, hold blanks, or stand in the middle of a folded field;
 * - the empty line before the fields, or between two recipients, or between the message's fields and a recipient's, may
 *   be missing;
 * - a recipient's fields may be torn in two by an empty line.
 *
 * One pass; memory is linear in the part.
 */

import { byteAt, concat, indexOfByte } from '@postroad/bytes'
import { Header, parseHeader } from '@postroad/message'
import type { HeaderField } from '@postroad/message'

/** The groups of one report. */
export interface StatusGroups {
  /** RFC 3464 §2.2; empty where there is none. */
  readonly perMessage: Header
  /** RFC 3464 §2.3. */
  readonly recipients: readonly Header[]
}

/**
 * Reads the groups.
 *
 * @param partHeader The part's own header section; fields of reports in it, for want of an empty line, are a group.
 * @param body The part without its transfer encoding.
 */
export function readStatusGroups(partHeader: Header, body: Uint8Array): StatusGroups {
  const strays = Header.of(partHeader.fields.filter(({ name }) => !/^(?:content-|mime-version$)/i.test(name)))
  const groups = isStatusGroup(strays) ? [strays, ...splitGroups(body)] : splitGroups(body)
  const perMessage = groups.find((group) => !isRecipient(group)) ?? groups.find((group) => group.has('Reporting-MTA'))
  return { perMessage: perMessage ?? Header.of([]), recipients: joinTorn(groups.flatMap(splitRecipients)) }
}

/** Whether these are fields that only reports of delivery have. */
export function isStatusGroup(fields: Header): boolean {
  return fields.has('Reporting-MTA') || hasAddress(fields)
}

const ADDRESSES = ['final-recipient', 'original-recipient']

const hasAddress = (group: Header): boolean => ADDRESSES.some((name) => group.has(name))
const isRecipient = (group: Header): boolean => hasAddress(group) || group.has('Action')

const LF = 10

/** The groups as they are parted by empty lines. */
function splitGroups(bytes: Uint8Array): readonly Header[] {
  const groups: Header[] = []
  let lines: Uint8Array[] = []
  let parted = false
  for (let start = 0; start < bytes.length;) {
    const lf = indexOfByte(bytes, LF, start)
    const end = lf === -1 ? bytes.length : lf + 1
    const textStart = skipBlanks(bytes, start, end)
    // A line that continues a field continues it behind an empty line too.
    if (textStart < end && textStart === start && parted) {
      groups.push(parseHeader(concat(lines)))
      lines = []
    }
    if (textStart < end) lines.push(bytes.subarray(start, end))
    parted = textStart === end && lines.length > 0
    start = end
  }
  return lines.length === 0 ? groups : [...groups, parseHeader(concat(lines))]
}

/** Where the text of the line begins; its end where there is none. */
function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && isBlank(byteAt(bytes, at))) at += 1
  return at
}

/** Space, tab, CR or LF. */
const isBlank = (byte: number): boolean => byte === 32 || byte === 9 || byte === 13 || byte === LF

/** A group in which a recipient's address stands twice is two recipients. Groups of no recipient fall away. */
function splitRecipients(group: Header): readonly Header[] {
  const starts: number[] = [0]
  let seen = new Set<string>()
  group.fields.forEach(({ name }, index) => {
    const lower = name.toLowerCase()
    if (!ADDRESSES.includes(lower)) return
    if (seen.has(lower)) {
      starts.push(index)
      seen = new Set()
    }
    seen.add(lower)
  })
  return starts.map((start, index) => Header.of(group.fields.slice(start, starts[index + 1])))
}

/** Joins to a recipient without action and status what follows without an address. */
function joinTorn(groups: readonly Header[]): readonly Header[] {
  const joined: HeaderField[][] = []
  let torn: HeaderField[] | undefined
  for (const group of groups) {
    const isWhole = group.has('Action') || group.has('Status')
    if (torn !== undefined && !hasAddress(group)) {
      for (const field of group.fields) torn.push(field)
      if (isWhole) torn = undefined
    } else if (isRecipient(group)) {
      const fields = [...group.fields]
      joined.push(fields)
      torn = isWhole ? undefined : fields
    }
  }
  return joined.map((fields) => Header.of(fields))
}
