/** The tests that every `Delivery` must pass. */

import { mailboxOf } from '@postroad/address'
import type { ContentSource, Envelope, RecipientOutcome } from '@postroad/envelope'
import { afterEach, describe, expect, it } from 'vitest'
import type { Delivery, DeliveryReport } from '../delivery.ts'

/**
 * What the destination does with one recipient: takes the message, refuses for now (4yz), refuses for good (5yz), or
 * answers nothing any more from then on (`silent`).
 */
export type PeerBehaviour = 'accept' | 'defer' | 'refuse' | 'silent'

/** How the suite gets an implementation and something to deliver to. */
export interface DeliveryHarness<Destination> {
  /**
   * A delivery, and a destination that behaves so: `behave` is asked by the address of the recipient. A destination that
   * is silent stays so until the delivery gives up; timeouts of the delivery itself must not fire within the test.
   */
  open(behave: (address: string) => PeerBehaviour): Promise<OpenedDelivery<Destination>>
}

/** A delivery under test. */
export interface OpenedDelivery<Destination> {
  /** Called several times by a test, also at once. */
  readonly delivery: Delivery<Destination>
  /** What every request of the test names. */
  readonly destination: Destination
  /** The contents the destination took responsibility for, in any order; one message may come once for each recipient. */
  received(): Promise<readonly Uint8Array[]>
  /** Called once after the test, passed or not; a destination that is silent must end with it. */
  close(): Promise<void>
}

const CONTENT = 'Subject: hello\r\n\r\n.a line with a dot\r\nlast\r\n'

/** Registers the tests. Call it once per implementation. */
export function describeDeliveryContract<Destination>(name: string, harness: DeliveryHarness<Destination>): void {
  describe(`${name} keeps the Delivery contract`, () => {
    const toClose: OpenedDelivery<Destination>[] = []

    afterEach(async () => {
      for (const opened of toClose.splice(0)) await opened.close()
    })

    const open = async (behave: (address: string) => PeerBehaviour): Promise<OpenedDelivery<Destination>> => {
      const opened = await harness.open(behave)
      toClose.push(opened)
      return opened
    }

    /** Delivers, and checks what holds of every delivery: one outcome each, told once, as in the report. */
    const deliver = async (
      { delivery, destination }: OpenedDelivery<Destination>,
      recipients: readonly string[],
      signal: AbortSignal = new AbortController().signal,
      content = CONTENT,
    ): Promise<DeliveryReport> => {
      const told: [number, RecipientOutcome][] = []
      const report = await delivery.deliver({
        envelope: envelopeOf(recipients),
        content: contentOf(content),
        destination,
        signal,
        onOutcome: (recipient, outcome) => told.push([recipient, outcome]),
      })
      expect(report.outcomes).toHaveLength(recipients.length)
      expect(told.toSorted(([a], [b]) => a - b)).toEqual([...report.outcomes.entries()])
      for (const outcome of report.outcomes) {
        if (outcome.kind !== 'delivered') expect(outcome.status).toMatch(outcome.kind === 'failed' ? /^5\./ : /^4\./)
      }
      return report
    }

    it('delivers to one recipient, the content byte for byte', async () => {
      const opened = await open(() => 'accept')
      const report = await deliver(opened, ['ada@example.org'])
      expect(kinds(report)).toEqual(['delivered'])
      expect(report.phase).toBe('done')
      expect((await opened.received()).map(text)).toEqual([CONTENT])
    })

    it('gives each recipient its own outcome, in the order of the envelope', async () => {
      const opened = await open((address) =>
        address.startsWith('defer') ? 'defer' : address.startsWith('refuse') ? 'refuse' : 'accept',
      )
      const recipients = ['a@example.org', 'refuse@example.org', 'b@example.org', 'defer@example.org', 'c@example.org']
      const report = await deliver(opened, recipients)
      expect(kinds(report)).toEqual(['delivered', 'failed', 'delivered', 'deferred', 'delivered'])
      for (const content of await opened.received()) expect(text(content)).toBe(CONTENT)
    })

    it('delivers nothing where every recipient is refused', async () => {
      const opened = await open(() => 'refuse')
      expect(kinds(await deliver(opened, ['a@example.org', 'b@example.org']))).toEqual(['failed', 'failed'])
      expect(await opened.received()).toEqual([])
    })

    it('defers everybody where all are deferred, each with the reply that said so', async () => {
      const opened = await open(() => 'defer')
      const { outcomes } = await deliver(opened, ['a@example.org', 'b@example.org'])
      for (const outcome of outcomes) {
        expect(outcome.kind).toBe('deferred')
        if (outcome.kind === 'deferred') expect(outcome.reply?.code).toBeGreaterThanOrEqual(400)
      }
    })

    it('calls nothing delivered where the signal has fired before', async () => {
      const opened = await open(() => 'accept')
      const report = await deliver(opened, ['a@example.org', 'b@example.org'], AbortSignal.abort())
      expect(kinds(report)).toEqual(['deferred', 'deferred'])
      expect(await opened.received()).toEqual([])
    })

    it('gives everybody an outcome where the destination falls silent and the signal fires', async () => {
      const controller = new AbortController()
      const opened = await open((address) => {
        if (!address.startsWith('silent')) return 'accept'
        // The peer has been asked: now the caller gives up.
        queueMicrotask(() => controller.abort())
        return 'silent'
      })
      const recipients = ['a@example.org', 'silent@example.org', 'b@example.org']
      const report = await deliver(opened, recipients, controller.signal)
      for (const kind of kinds(report)) expect(['delivered', 'deferred', 'unknown']).toContain(kind)
      expect(['deferred', 'unknown']).toContain(kinds(report)[1])
    })

    it('works again after one delivery was given up', async () => {
      let asked = 0
      const controller = new AbortController()
      const opened = await open(() => {
        asked += 1
        if (asked > 1) return 'accept'
        queueMicrotask(() => controller.abort())
        return 'silent'
      })
      await deliver(opened, ['a@example.org'], controller.signal)
      expect(kinds(await deliver(opened, ['a@example.org']))).toEqual(['delivered'])
    })

    it('keeps deliveries apart that run at once', async () => {
      const opened = await open((address) => (address.startsWith('refuse') ? 'refuse' : 'accept'))
      const numbers = Array.from({ length: 8 }, (_, index) => index)
      const reports = await Promise.all(
        numbers.map((number) =>
          deliver(
            opened,
            number % 2 === 0 ? [`a${number}@example.org`] : [`a${number}@example.org`, `refuse${number}@example.org`],
            undefined,
            `Subject: ${number}\r\n\r\n${'x'.repeat(number * 997)}\r\n`,
          ),
        ),
      )
      for (const [number, report] of reports.entries()) {
        expect(kinds(report)).toEqual(number % 2 === 0 ? ['delivered'] : ['delivered', 'failed'])
      }
      const subjects = (await opened.received()).map((content) => text(content).slice(0, 10))
      for (const number of numbers) expect(subjects).toContain(`Subject: ${number}`)
    })

    it('reads content of many chunks', async () => {
      const opened = await open(() => 'accept')
      const content = `Subject: long\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(3_000)}`
      await deliver(opened, ['a@example.org'], undefined, content)
      expect((await opened.received()).map((received) => text(received) === content)).toEqual([true])
    })
  })
}

const kinds = ({ outcomes }: DeliveryReport): readonly string[] => outcomes.map(({ kind }) => kind)

function envelopeOf(recipients: readonly string[]): Envelope {
  return {
    reversePath: mailboxOf('eve@example.net'),
    recipients: recipients.map((address) => ({ mailbox: mailboxOf(address) })),
  }
}

/** Content in chunks that are valid only until the next, as the port allows. */
function contentOf(content: string): ContentSource {
  const whole = new TextEncoder().encode(content)
  const lines = content.split('\r\n')
  const headerBytes = content.indexOf('\r\n\r\n') + 4
  return {
    facts: {
      sizeBytes: whole.length,
      headerBytes,
      eightBit: false,
      binary: false,
      utf8Header: false,
      longestLineBytes: Math.max(...lines.map((line) => line.length)),
      dotLines: lines.filter((line) => line.startsWith('.')).length,
      endsWithCrlf: content.endsWith('\r\n'),
    },
    async *open({ start = 0, end = whole.length } = { start: 0 }) {
      const chunk = new Uint8Array(1_000)
      for (let at = start; at < end; at += chunk.length) {
        const part = whole.subarray(at, Math.min(end, at + chunk.length))
        chunk.fill(0)
        chunk.set(part)
        yield chunk.subarray(0, part.length)
      }
    },
  }
}

const text = (content: Uint8Array): string => new TextDecoder().decode(content)
