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
    expect(seen.length).toBeGreaterThan(50)
    const unread = seen.flatMap(({ name, result }) => {
      const recipients = result.ok ? result.value.recipients : []
      const whole = recipients.some(
        (one) => one.finalRecipient !== undefined && one.action !== undefined && one.status !== undefined,
      )
      return whole ? [] : [name]
    })
    console.log(`${seen.length} reports, not read in full: ${unread.join(' ') || 'none'}`)
    expect(unread.length).toBeLessThan(seen.length / 10)
  })
})
