/** Reports that other mail systems wrote. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readReport } from '../src/index.ts'

const beside = fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))
const folder = join(process.env['POSTROAD_CORPUS'] ?? beside, 'bounces')
const absent = 'no corpus: set POSTROAD_CORPUS to its folder'

const readSet = (set: string): { name: string; message: Uint8Array }[] =>
  existsSync(folder)
    ? readdirSync(join(folder, set))
        .filter((name) => name.endsWith('.eml'))
        .toSorted()
        .map((name) => ({ name, message: new Uint8Array(readFileSync(join(folder, set, name))) }))
    : []

/** Reports that are not read in full, each with the rule that it breaks. Any other that is not read fails the test. */
const NOT_IN_FULL: Readonly<Record<string, string>> = {
  'lhost-postfix-50.eml': 'RFC 3464 §2: the report stands as text in a message of text/plain',
  'lhost-postfix-64.eml': 'RFC 3464 §2.1: no group for a recipient',
  'lhost-sendmail-54.eml': 'RFC 3464 §2: the message has no Content-Type, so no boundary either',
  'rfc3464-28.eml': 'RFC 3464 §2.3.3: an action that is none',
  'dsn_03.eml': 'RFC 3464 §2.3.3, §2.3.4: an action and a status that are none',
  'dsn_14.eml': 'RFC 3464 §2.3.4: no status',
  'dsn_15.eml': 'RFC 3464 §2: the report is attached to another message',
  'dsn_18.eml': 'RFC 3464 §2.3.3: an action that is none',
  'netscape_01.eml': 'RFC 3464 §2.1: no group for a recipient',
  'simple_13.eml': 'RFC 3464 §2.1: no group for a recipient',
  'simple_31.eml': 'RFC 3464 §2.1: no group for a recipient',
}

describe.skipIf(!existsSync(folder))(`corpus of bounces (${absent})`, () => {
  it.each(['sisimai', 'flufl'])('takes every message of %s', (set) => {
    const messages = readSet(set)
    expect(messages.length).toBeGreaterThan(100)
    for (const { message } of messages) expect(readReport(message)).toHaveProperty('ok')
  })

  it('reads a recipient in full from every report that has the part for programs', () => {
    const isReport = /^content-type: *message\/(?:global-)?delivery-status/im
    const seen = [...readSet('sisimai'), ...readSet('flufl')]
      .filter(({ message }) => isReport.test(Buffer.from(message).toString('latin1')))
      .map(({ name, message }) => ({ name, result: readReport(message) }))
    const unread = seen.flatMap(({ name, result }) => {
      const recipients = result.ok ? result.value.recipients : []
      const whole =
        recipients.length > 0 &&
        recipients.every(
          (one) => one.finalRecipient !== undefined && one.action !== undefined && one.status !== undefined,
        )
      return whole ? [] : [name]
    })
    console.log(`${seen.length} messages with such a part, ${seen.length - unread.length} read in full; the others:`)
    for (const name of unread) console.log(`  ${name}: ${NOT_IN_FULL[name] ?? 'not explained'}`)
    expect(seen.length).toBeGreaterThan(50)
    expect(unread.toSorted()).toEqual(Object.keys(NOT_IN_FULL).toSorted())
  })
})
