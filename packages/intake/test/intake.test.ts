import { mailboxOf } from '@postroad/address'
import { describe, expect, it } from 'vitest'
import { reply } from '@postroad/envelope'
import type { Header } from '@postroad/message'
import { createField } from '@postroad/message'
import { createMemoryStore } from '@postroad/queue/memory'
import { createManualClock, createSeededRandom } from '@postroad/runtime'
import { workItemCodec, type HeaderVerdict, type IntakeRequest, type TraceStamp, type WorkItem } from '../src/index.ts'
import { bytes, openParts, read, recipient, type Parts } from './parts.ts'

const TRACE: TraceStamp = {
  helo: 'client.example.net',
  remoteAddress: '192.0.2.7',
  protocol: 'ESMTPS',
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
  account: undefined,
}

async function request(parts: Parts, to: readonly string[], more: Partial<IntakeRequest> = {}): Promise<IntakeRequest> {
  const reversePath = mailboxOf('eve@example.net')
  const resolved = await Promise.all(
    to.map((text) => parts.intake.resolve({ recipient: recipient(text), reversePath, account: undefined })),
  )
  return {
    message: parts.intake.createMessageId(),
    envelope: { reversePath },
    recipients: resolved.flatMap((resolution) => (resolution.kind === 'accepted' ? resolution.targets : [])),
    trace: TRACE,
    ...more,
  }
}

const MESSAGE = bytes('From: eve@example.net\nSubject: hello\nMessage-ID: <1@example.net>\n\nfirst line\n.dot\n')

describe('the intake', () => {
  it('stores one entry for each destination, with the trace in front of the content (RFC 5321 §4.4)', async () => {
    const parts = openParts()
    const asked = await request(parts, ['ada@example.org', 'carol@example.net', 'bob@example.org'])
    const incoming = await parts.intake.begin(asked)
    await incoming.write(MESSAGE)
    expect(await incoming.submit()).toMatchObject({ kind: 'accepted', message: asked.message })

    const leases = await parts.store.queue.lease({ limit: 10, durationMs: 1_000, waitMs: 0 })
    expect(leases.map(({ id, group }) => ({ id, group })).toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
      { id: `${asked.message}.0`, group: 'local' },
      { id: `${asked.message}.1`, group: 'mx:example.net' },
    ])
    const [lease] = leases
    const stored = await read(parts.store.spool.open(lease!.content!))
    expect(stored).toMatch(/^Received: from client\.example\.net \(\[192\.0\.2\.7\]\)/)
    expect(stored).toContain(`id ${asked.message}`)
    expect(stored).not.toContain('for <')
    expect(stored.slice(stored.indexOf('From:'))).toBe(Buffer.from(MESSAGE).toString().replaceAll('\r\n', '\n'))
    expect(lease!.job.facts).toMatchObject({
      sizeBytes: stored.replaceAll('\n', '\r\n').length,
      headerBytes: stored.replaceAll('\n', '\r\n').indexOf('\r\n\r\n') + 4,
      dotLines: 1,
      eightBit: false,
      endsWithCrlf: true,
    })
    expect(lease!.labels).toMatchObject({ sender: 'eve@example.net', 'header-message-id': '1@example.net' })
    expect(parts.events).toMatchObject([
      { type: 'message.accepted', message: asked.message, headerMessageId: '1@example.net', recipients: 3 },
    ])
  })

  it('makes work due at once by the clock of the store, whatever the clock of this host says', async () => {
    const random = createSeededRandom(2)
    const store = createMemoryStore<WorkItem>({ clock: createManualClock(1_000), random, codec: workItemCodec })
    const parts = openParts({ store, clock: createManualClock(9_000_000) })
    const incoming = await parts.intake.begin(await request(parts, ['ada@example.org']))
    await incoming.write(MESSAGE)
    await incoming.submit()
    expect(await store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })).toHaveLength(1)
  })

  it('names the recipient in the trace where there is only one, as the sender gave it', async () => {
    const parts = openParts()
    const incoming = await parts.intake.begin(await request(parts, ['ada@example.org']))
    await incoming.write(MESSAGE)
    await incoming.submit()
    const [lease] = await parts.store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })
    expect(await read(parts.store.spool.open(lease!.content!))).toContain('for <ada@example.org>')
  })

  it('takes content in any pieces', async () => {
    const parts = openParts()
    const incoming = await parts.intake.begin(await request(parts, ['ada@example.org']))
    for (const byte of MESSAGE) await incoming.write(Uint8Array.of(byte))
    await incoming.submit()
    const [lease] = await parts.store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })
    expect(await read(parts.store.spool.open(lease!.content!))).toContain('\n\nfirst line\n.dot\n')
  })

  it('refuses a message that circles (RFC 5321 §6.3)', async () => {
    const parts = openParts({ maxReceived: 3 })
    const incoming = await parts.intake.begin(await request(parts, ['ada@example.org']))
    await incoming.write(bytes(`${'Received: from a by b\n'.repeat(3)}From: a@example.net\n\nbody\n`))
    expect(await incoming.submit()).toMatchObject({ kind: 'refused', reply: { code: 554, status: '5.4.6' } })
    expect(await parts.store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })).toEqual([])
  })

  it('refuses a header section over its limit, and passes over the rest', async () => {
    const parts = openParts({ maxHeaderBytes: 100 })
    const incoming = await parts.intake.begin(await request(parts, ['ada@example.org']))
    for (let line = 0; line < 100; line += 1) await incoming.write(bytes('X-Field: value\n'))
    expect(await incoming.submit()).toMatchObject({ kind: 'refused', reply: { code: 552 } })
  })

  it.each([
    ['no header at all', '\nbody\n'],
    ['nothing', ''],
    ['a header without an empty line', 'From: a@example.net\n'],
    ['a body line where a field should be', 'no field here\nbody\n'],
  ])('stores %s as it is', async (_, text) => {
    const parts = openParts()
    const incoming = await parts.intake.begin(await request(parts, ['ada@example.org'], { trace: undefined }))
    await incoming.write(bytes(text))
    await incoming.submit()
    const [lease] = await parts.store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })
    expect(await read(parts.store.spool.open(lease!.content!))).toBe(text)
  })

  it('parts its trace from a body that begins without an empty line (RFC 5322 §2.1)', async () => {
    const parts = openParts()
    const incoming = await parts.intake.begin(await request(parts, ['ada@example.org']))
    await incoming.write(bytes('no field here\nbody\n'))
    await incoming.submit()
    const [lease] = await parts.store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })
    expect(await read(parts.store.spool.open(lease!.content!))).toMatch(/^Received:[^]*\n\nno field here\nbody\n$/)
  })

  it('gives the header to the agent, which may change, add and refuse', async () => {
    const parts = openParts()
    const onHeader = (header: Header): HeaderVerdict => ({
      kind: 'accept',
      header: header.without('Bcc'),
      added: [createField('X-Added', 'yes')],
    })
    const incoming = await parts.intake.begin(await request(parts, ['ada@example.org'], { onHeader }))
    await incoming.write(bytes('From: a@example.net\nBcc: secret@example.net\nTo: b@example.net\n\nbody\n'))
    await incoming.submit()
    const [lease] = await parts.store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })
    const stored = await read(parts.store.spool.open(lease!.content!))
    expect(stored).toMatch(/^Received:[^]*\nX-Added: yes\nFrom: a@example\.net\nTo: b@example\.net\n\nbody\n$/)

    const refusing = await parts.intake.begin(
      await request(parts, ['ada@example.org'], {
        onHeader: async () => ({ kind: 'refuse', reply: reply(550, '5.6.0', 'no') }),
      }),
    )
    await refusing.write(MESSAGE)
    expect(await refusing.submit()).toMatchObject({ kind: 'refused', reply: { code: 550 } })
  })

  it('stores nothing of what is given up', async () => {
    const parts = openParts()
    const incoming = await parts.intake.begin(await request(parts, ['ada@example.org']))
    await incoming.write(MESSAGE)
    await incoming.abort()
    await incoming.abort()
    expect(await incoming.submit()).toMatchObject({ kind: 'refused', reply: { code: 451 } })
    expect(await parts.store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })).toEqual([])
  })

  it('accepts nothing where the look at the header failed, and leaves nothing staged', async () => {
    const parts = openParts()
    const asked = await request(parts, ['ada@example.org'], { onHeader: () => Promise.reject(new Error('away')) })
    const written = await parts.intake.begin(asked)
    await expect(written.write(MESSAGE)).rejects.toThrow('away')
    await written.write(bytes('more of the body\n'))
    expect(await written.submit()).toMatchObject({ kind: 'refused', reply: { code: 451 } })

    const ended = await parts.intake.begin({ ...asked, message: parts.intake.createMessageId() })
    await ended.write(bytes('From: eve@example.net\n'))
    await expect(ended.submit()).rejects.toThrow('away')
    expect(await parts.store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })).toEqual([])
    await parts.clock.advance(2 * 60 * 60_000)
    expect(await parts.store.spool.sweep(async () => new Set())).toMatchObject({ removed: 0 })
  })

  it('takes no message without recipients: to accept it would be to lose it', async () => {
    const parts = openParts()
    await expect(parts.intake.begin(await request(parts, []))).rejects.toThrow(TypeError)
  })

  it('prepares entries without enqueueing them, for a settlement to spawn', async () => {
    const parts = openParts()
    const incoming = await parts.intake.begin(await request(parts, ['ada@example.org']))
    await incoming.write(MESSAGE)
    const prepared = await incoming.prepare()
    expect(await parts.store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })).toEqual([])
    if (prepared.kind !== 'prepared') throw new Error('refused')
    await parts.store.queue.enqueue(prepared.entries)
    expect(await parts.store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })).toHaveLength(1)
  })

  it('parts many recipients of one destination into several entries', async () => {
    const parts = openParts({ maxRecipientsPerEntry: 2 })
    const to = ['a', 'b', 'c', 'd', 'e', 'a'].map((name) => `${name}@example.net`)
    const incoming = await parts.intake.begin(await request(parts, to))
    await incoming.write(MESSAGE)
    const prepared = await incoming.prepare()
    if (prepared.kind !== 'prepared') throw new Error('refused')
    expect(prepared.entries.map(({ job }) => job.recipients.map(({ mailbox }) => mailbox.localPart))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
    ])
  })
})
