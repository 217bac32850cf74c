/** Bounces that other mail systems wrote: reports (RFC 3464) and notices in words. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatMailbox } from '@postroad/address'
import { describe, expect, it } from 'vitest'
import { readBounce, readReport } from '../src/index.ts'

const beside = fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))
const folder = join(process.env['POSTROAD_CORPUS'] ?? beside, 'bounces')
const absent = 'no corpus: set POSTROAD_CORPUS to its folder'

interface Message {
  readonly name: string
  readonly bytes: Uint8Array
}

const readSet = (set: string): readonly Message[] =>
  existsSync(folder)
    ? readdirSync(join(folder, set))
        .filter((name) => name.endsWith('.eml'))
        .toSorted()
        .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(folder, set, name))) }))
    : []

/** Whether a part for programs stands in it somewhere. */
const hasStatus = ({ bytes }: Message): boolean =>
  /^content-type: *message\/(?:global-)?delivery-status/im.test(Buffer.from(bytes).toString('latin1'))

/** Reports that are not read in full, each with the rule that it breaks. Any other that is not read fails the test. */
const NOT_IN_FULL: Readonly<Record<string, string>> = {
  'lhost-postfix-64.eml': 'RFC 3464 §2.1: no group for a recipient',
  'netscape_01.eml': 'RFC 3464 §2.1: no group for a recipient',
  'simple_13.eml': 'RFC 3464 §2.1: no group for a recipient',
  'simple_31.eml': 'RFC 3464 §2.1: no group for a recipient',
}

/** Rows of flufl that are decided otherwise here, each with the section that decides. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'yale_01.eml': 'RFC 5321 §2.3.11: a name without a domain is no mailbox, and the notice gives none',
}

/** Of sisimai: what names nobody, and why it should not, or cannot. */
const NOBODY: Readonly<Record<string, string>> = {
  'lhost-postfix-64.eml': 'says itself that the report is not available',
  'lhost-sendmail-14.eml': 'a person passes a bounce on, quoted',
  'rfc3464-28.eml': 'RFC 3464 §2.3.3: delivered (an answer to a probe)',
}

interface Expected {
  readonly kinds: Set<string>
  readonly recipients: Set<string>
}

/** A file may have several rows; an empty list says that there is a bounce of nobody. */
function readExpected(): Map<string, Expected> {
  const expected = new Map<string, Expected>()
  const rows = readFileSync(join(folder, 'flufl', 'expected.tsv'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
  for (const row of rows) {
    const [file = '', kind = '', list = ''] = row.split('\t')
    const entry = expected.get(file) ?? { kinds: new Set(), recipients: new Set() }
    for (const address of list.split(',').filter((one) => one !== '')) {
      entry.recipients.add(address.replace(/@.*/, (domain) => domain.toLowerCase()))
      entry.kinds.add(kind)
    }
    expected.set(file, entry)
  }
  return expected
}

describe.skipIf(!existsSync(folder))(`corpus of bounces (${absent})`, () => {
  it('reads a recipient in full from every report that has the part for programs', () => {
    const seen = [...readSet('sisimai'), ...readSet('flufl')]
      .filter(hasStatus)
      .map(({ name, bytes }) => ({ name, result: readReport(bytes) }))
    const unread = seen.flatMap(({ name, result }) => {
      const recipients = result.ok ? result.value.recipients : []
      const isWhole =
        recipients.length > 0 &&
        recipients.every(
          (one) => one.finalRecipient !== undefined && one.action !== undefined && one.status !== undefined,
        )
      return isWhole ? [] : [name]
    })
    console.log(`${seen.length} messages with such a part, ${seen.length - unread.length} read in full; the others:`)
    for (const name of unread) console.log(`  ${name}: ${NOT_IN_FULL[name] ?? 'not explained'}`)
    expect(seen.length).toBeGreaterThan(50)
    expect(unread.toSorted()).toEqual(Object.keys(NOT_IN_FULL).toSorted())
  })

  it('finds the recipients of flufl, and whether they are given up; the other files give nobody', () => {
    const expected = readExpected()
    const otherwise = readSet('flufl').flatMap(({ name, bytes }) => {
      const { kinds, recipients } = expected.get(name) ?? { kinds: new Set(), recipients: new Set() }
      const seen = readBounce(bytes)?.recipients ?? []
      // What that project calls permanent is what is given up (RFC 3464 §2.3.3), whatever the class of the status.
      const words = new Set(seen.map(({ action }) => (action === 'failed' ? 'permanent' : 'temporary')))
      const same = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
        [...a].toSorted().join() === [...b].toSorted().join()
      const names = new Set(seen.map(({ mailbox }) => formatMailbox(mailbox)))
      return same(words, kinds) && same(names, recipients) ? [] : [name]
    })
    const files = expected.size
    console.log(`flufl: ${files} files with rows, ${files - otherwise.length} as expected; the others:`)
    for (const name of otherwise) console.log(`  ${name}: ${OTHERWISE[name] ?? 'not explained'}`)
    expect(files).toBeGreaterThan(100)
    expect(otherwise).toEqual(Object.keys(OTHERWISE))
  })

  it('finds somebody in every bounce of sisimai, and nobody in what is none', () => {
    const bounces = readSet('sisimai').filter(({ name }) => !/^(?:arf|rfc3834)-/.test(name))
    const others = readSet('sisimai').filter(({ name }) => /^(?:arf|rfc3834)-/.test(name))
    const isNamed = ({ bytes }: Message): boolean => (readBounce(bytes)?.recipients.length ?? 0) > 0
    const words = bounces.filter((message) => !hasStatus(message))
    const share = (some: readonly Message[]): string => `${some.filter(isNamed).length} of ${some.length}`
    console.log(
      `sisimai: ${share(bounces.filter(hasStatus))} reports and ${share(words)} notices name somebody; the others:`,
    )
    const nobody = bounces.filter((message) => !isNamed(message)).map(({ name }) => name)
    for (const name of nobody) console.log(`  ${name}: ${NOBODY[name] ?? 'not explained'}`)
    expect(bounces.length).toBeGreaterThan(100)
    expect(nobody).toEqual(Object.keys(NOBODY))
    expect(others.filter(({ bytes }) => readBounce(bytes) !== undefined)).toEqual([])
  })

  it('says why of most', () => {
    const seen = [...readSet('sisimai'), ...readSet('flufl')].flatMap(
      ({ bytes }) => readBounce(bytes)?.recipients ?? [],
    )
    const known = seen.filter(({ reason }) => reason.category !== 'unknown')
    console.log(`a category is found for ${known.length} of ${seen.length} recipients`)
    expect(known.length / seen.length).toBeGreaterThan(0.8)
  })

  it.each(['sisimai', 'flufl'])('takes every beginning of every message of %s', (set) => {
    for (const { bytes } of readSet(set)) {
      for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
        const bounce = readBounce(bytes.subarray(0, Math.floor(bytes.length * share)))
        expect(bounce?.recipients.length ?? 0).toBeLessThan(50)
      }
    }
  })
})
