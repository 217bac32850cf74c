import { describe, expect, it } from 'vitest'
import { certificate } from './certificate.ts'
import { ENVELOPE, Recorder, serve, settle } from './harness.ts'

/** Keeps what it is given against the rule, and copies it too. */
class Keeper extends Recorder {
  readonly kept: Uint8Array[] = []
  override write(bytes: Uint8Array): void | Promise<void> {
    this.kept.push(bytes)
    return super.write(bytes)
  }
  get large(): readonly number[] {
    return this.kept.map(({ length }) => length)
  }
}

class SlowKeeper extends Keeper {
  readonly whileTaken: number[] = []
  override async write(bytes: Uint8Array): Promise<void> {
    await settle()
    this.whileTaken.push(bytes.length)
    await super.write(bytes)
  }
}

const TEXT = `${'x'.repeat(70)}\r\n`.repeat(20_000)

async function send(handler: Keeper, kind: 'socket' | 'pair' | 'tls', freeContent: boolean): Promise<void> {
  const harness = serve(handler, { freeContent, ...(kind === 'tls' && { tls: await certificate() }) })
  const client = await harness[kind === 'pair' ? 'pair' : 'socket']()
  await client.talk('EHLO a')
  if (kind === 'tls') {
    await client.talk('STARTTLS')
    await client.startTls()
    await client.talk('EHLO a')
  }
  await client.talk(...ENVELOPE)
  client.send(`${TEXT}.\r\n`)
  expect(await client.reply()).toBe('250 2.0.0 OK')
  expect(handler.content_).toBe(TEXT)
  await harness.server.stop({ deadlineMs: 0 })
}

describe('the memory of content', () => {
  it.each(['socket', 'tls'] as const)('is given back once its sink is done with it, over a %s', async (kind) => {
    const handler = new Keeper()
    await send(handler, kind, true)
    expect(handler.large).toContain(0)
  })

  it('is not given back before the promise of the sink has resolved', async () => {
    const handler = new SlowKeeper()
    await send(handler, 'socket', true)
    expect(handler.whileTaken).not.toContain(0)
    expect(handler.large).toContain(0)
  })

  it.each([
    { kind: 'socket', freeContent: false },
    { kind: 'pair', freeContent: true },
  ] as const)('is left alone over a $kind with freeContent $freeContent', async ({ kind, freeContent }) => {
    const handler = new Keeper()
    await send(handler, kind, freeContent)
    expect(handler.large).not.toContain(0)
  })

  it.each(['is too late', 'is left behind by a server that stops'] as const)(
    'stays with a sink that %s: it may still read what it was given',
    async (how) => {
      const handler = new (class extends Keeper {
        override write(bytes: Uint8Array): Promise<void> {
          this.kept.push(bytes)
          return new Promise(() => {})
        }
      })()
      const harness = serve(handler, { freeContent: true })
      const client = await harness.socket()
      await client.talk('EHLO a', ...ENVELOPE)
      client.send(TEXT)
      await expect.poll(() => handler.kept).toHaveLength(1)
      if (how === 'is too late') {
        await harness.clock.advance(10 * 60_000)
        expect(await client.reply()).toMatch(/^421 4\.3\.0 /)
        client.send(`${TEXT}.\r\n`)
        await settle()
      }
      await harness.server.stop({ deadlineMs: 0 })
      await settle()
      expect(handler.large[0]).toBeGreaterThan(0)
      expect(Buffer.from(handler.kept[0] ?? []).toString('latin1')).toBe(TEXT.slice(0, handler.large[0]))
    },
  )
})
