import { mailboxOf } from '@postroad/address'
import { describe, expect, it } from 'vitest'
import type { Notify } from '@postroad/envelope'
import { Transaction, type IntakeRequest, type TraceStamp } from '../src/index.ts'
import { bytes, openParts, read, type Parts } from './parts.ts'

const TRACE: TraceStamp = {
  helo: 'client.example.net',
  remoteAddress: '192.0.2.7',
  protocol: 'ESMTP',
  tls: undefined,
  account: undefined,
}

const open = (parts: Parts, maxRecipients = 100): Transaction =>
  new Transaction({
    intake: parts.intake,
    envelope: { reversePath: mailboxOf('eve@example.net') },
    trace: TRACE,
    maxRecipients,
  })

const recipientsOf = async (parts: Parts): Promise<Record<string, readonly Notify[] | undefined>> => {
  const leases = await parts.store.queue.lease({ limit: 10, durationMs: 1_000, waitMs: 0 })
  const all = leases.flatMap(({ job }) => job.recipients.map(({ mailbox, notify }) => [mailbox.localPart, notify]))
  return Object.fromEntries(all) as Record<string, readonly Notify[] | undefined>
}

async function send(transaction: Transaction): Promise<void> {
  const sink = await transaction.content()
  await sink.write(bytes('Subject: hi\n\nbody\n'))
  expect(await sink.end()).toMatchObject({ code: 250 })
}

describe('a transaction', () => {
  it.each<{ first?: readonly Notify[]; second?: readonly Notify[]; kept: readonly Notify[] | undefined }>([
    { kept: undefined },
    { first: ['never'], second: ['failure'], kept: ['failure'] },
    { first: ['failure'], second: ['never'], kept: ['failure'] },
    { first: ['never'], kept: undefined },
    { first: ['success'], kept: ['success', 'failure', 'delay'] },
    { first: ['never'], second: ['never'], kept: ['never'] },
  ])(
    'keeps a mailbox that comes twice once, with both wishes for reports: $first and $second',
    async ({ first, second, kept }) => {
      const parts = openParts()
      const transaction = open(parts)
      await transaction.rcpt({ mailbox: mailboxOf('ada@example.org'), ...(first && { notify: first }) })
      await transaction.rcpt({ mailbox: mailboxOf('ada@example.org'), ...(second && { notify: second }) })
      await send(transaction)
      expect(await recipientsOf(parts)).toEqual({ ada: kept })
    },
  )

  it('holds each target once, however often a client names its alias', async () => {
    const parts = openParts()
    let asked: IntakeRequest | undefined
    const transaction = new Transaction({
      intake: {
        ...parts.intake,
        begin: (request) => {
          asked = request
          return parts.intake.begin(request)
        },
      },
      envelope: { reversePath: null },
      trace: TRACE,
      maxRecipients: 1_000,
    })
    for (let count = 0; count < 100; count += 1) {
      expect(await transaction.rcpt({ mailbox: mailboxOf('team@example.org') })).toMatchObject({ code: 250 })
    }
    await transaction.content()
    expect(asked?.recipients).toHaveLength(3)
  })

  it('names the recipient in the trace as the client named it, not by its ORCPT (RFC 5321 §4.4)', async () => {
    const parts = openParts()
    const transaction = open(parts)
    const orcpt = { type: 'x400', address: 'c=xx; secret list' }
    await transaction.rcpt({ mailbox: mailboxOf('broken@example.org'), orcpt })
    await send(transaction)
    const [lease] = await parts.store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })
    const text = await read(parts.store.spool.open(lease!.content!))
    expect(text).toContain('for <broken@example.org>')
    expect(text).not.toContain('secret')
    expect(lease!.job.recipients).toMatchObject([{ mailbox: { localPart: 'nobody' }, orcpt }])
  })
})
