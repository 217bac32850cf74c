import { formatMailbox, mailboxOf } from '@postroad/address'
import { reply, type ContentSource, type Envelope, type RecipientOutcome } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { createScriptedDelivery } from '../src/memory.ts'
import { describeDeliveryContract } from '../src/testing/index.ts'

const OUTCOMES: Record<'accept' | 'defer' | 'refuse', RecipientOutcome> = {
  accept: { kind: 'delivered', reply: reply(250, '2.0.0', 'OK') },
  defer: { kind: 'deferred', reply: reply(451, '4.3.0', 'later'), status: '4.3.0' },
  refuse: { kind: 'failed', reply: reply(550, '5.1.1', 'never'), status: '5.1.1' },
}

describeDeliveryContract('the scripted delivery', {
  open: async (behave) => {
    const delivery = createScriptedDelivery<string>({
      answer: ({ recipient }) => {
        const behaviour = behave(formatMailbox(recipient.mailbox))
        return behaviour === 'silent' ? 'silent' : OUTCOMES[behaviour]
      },
    })
    return {
      delivery,
      destination: 'anywhere',
      received: async () =>
        delivery.calls
          .filter(({ report }) => report?.outcomes.some(({ kind }) => kind === 'delivered'))
          .map(({ content }) => content),
      close: async () => undefined,
    }
  },
})

const envelope: Envelope = { reversePath: null, recipients: [{ mailbox: mailboxOf('ada@example.org') }] }
const content: ContentSource = {
  facts: {
    sizeBytes: 2,
    headerBytes: 2,
    eightBit: false,
    binary: false,
    utf8Header: false,
    longestLineBytes: 0,
    dotLines: 0,
    endsWithCrlf: true,
  },
  async *open() {
    yield new Uint8Array([13, 10])
  },
}
const signal = new AbortController().signal

describe('the scripted delivery', () => {
  it('delivers everything without a script, and keeps what came', async () => {
    const delivery = createScriptedDelivery<string>()
    const report = await delivery.deliver({ envelope, content, destination: 'there', signal })
    expect(report).toMatchObject({ phase: 'done', peer: undefined, outcomes: [{ kind: 'delivered' }] })
    expect(delivery.calls).toEqual([{ envelope, destination: 'there', content: new Uint8Array([13, 10]), report }])
  })

  it('answers call by call', async () => {
    const delivery = createScriptedDelivery<string>({
      answer: ({ call }) => (call === 0 ? OUTCOMES.defer : OUTCOMES.accept),
      phase: 'rcpt',
    })
    const kinds: string[] = []
    for (let call = 0; call < 2; call += 1) {
      const { outcomes, phase } = await delivery.deliver({ envelope, content, destination: '', signal })
      kinds.push(...outcomes.map(({ kind }) => kind))
      expect(phase).toBe('rcpt')
    }
    expect(kinds).toEqual(['deferred', 'delivered'])
  })

  it('rejects where the script does, and leaves no report', async () => {
    const delivery = createScriptedDelivery<string>({
      answer: () => {
        throw new RangeError('a fault of ours')
      },
    })
    await expect(delivery.deliver({ envelope, content, destination: '', signal })).rejects.toThrow(RangeError)
    expect(delivery.calls[0]?.report).toBeUndefined()
  })
})
