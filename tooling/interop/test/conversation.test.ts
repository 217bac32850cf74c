/** The commands of our client beyond those that hand over mail, against the servers of others. */

import type { Reply } from '@postroad/envelope'
import { systemClock } from '@postroad/runtime/system'
import { openSession, type ClientConversation } from '@postroad/smtp-client'
import { describe, expect, it } from 'vitest'
import { EXIM } from '../src/exim.ts'
import { DOTS, envelope, sourceOf } from '../src/messages.ts'
import { startOurServer } from '../src/our-server.ts'
import { whyNot } from '../src/peers.ts'
import { POSTFIX } from '../src/postfix.ts'

const converse = async (port: number): Promise<ClientConversation> => {
  const { conversation } = await openSession({
    hostname: 'client.example.org',
    clock: systemClock,
    destination: { protocol: 'smtp', host: '127.0.0.1', port, tls: 'none' },
  })
  if (conversation === undefined) throw new Error('no session')
  return conversation
}

const code = async (reply: Promise<Reply | undefined>): Promise<number | undefined> => (await reply)?.code

describe('a conversation with Postfix', () => {
  const SERVICE = 'smtpd_authorized_xclient_hosts=127.0.0.0/8; smtpd_authorized_xforward_hosts=127.0.0.0/8'

  it('asks, speaks for another client by XCLIENT, and sends', { timeout: 300_000 }, async ({ skip }) => {
    const why = await whyNot(POSTFIX)
    skip(why !== undefined, why)
    await using sink = await startOurServer()
    await using peer = await POSTFIX.start({ services: [SERVICE], relayPort: sink.port })
    await using conversation = await converse(peer.port(SERVICE))
    expect(await code(conversation.noop())).toBe(250)
    expect(await code(conversation.verify('ada@example.net'))).toBe(252)
    expect(await code(conversation.expand('list'))).toBe(500)
    expect(await code(conversation.help())).toBe(500)
    expect(await code(conversation.etrn('example.net'))).toBe(250)
    expect(conversation.extensions?.xclient).toContain('ADDR')
    const attributes = new Map([
      ['NAME', 'far.example.org'],
      ['ADDR', '192.0.2.9'],
    ])
    expect(await code(conversation.xclient(attributes))).toBe(220)
    expect(await code(conversation.xforward(new Map([['NAME', 'farther.example.org']])))).toBe(250)
    const { outcomes } = await conversation.send({
      envelope: { ...envelope(), envid: 'conversation' },
      content: sourceOf(DOTS),
    })
    expect(outcomes.map(({ kind }) => kind)).toEqual(['delivered'])
    const { content } = await sink.taken(({ mail }) => mail.envid === 'conversation')
    expect(content.toString('latin1')).toMatch(
      /^Received: from client\.example\.org \(far\.example\.org \[192\.0\.2\.9\]\)/m,
    )
  })
})

describe('a conversation with Exim', () => {
  it('asks, and starts a queue (RFC 1985 §5)', { timeout: 300_000 }, async ({ skip }) => {
    const why = await whyNot(EXIM)
    skip(why !== undefined, why)
    const service = 'primary_hostname = mx.example.net'
    await using peer = await EXIM.start({ services: [service], relayPort: 9 })
    await using conversation = await converse(peer.port(service))
    expect(await code(conversation.noop())).toBe(250)
    // It offers SMTPUTF8, but takes the word behind an address of VRFY (RFC 6531 §3.7.4.2) for a part of the address.
    expect(await code(conversation.command('VRFY ada@example.net'))).toBe(250)
    expect(await code(conversation.command('VRFY ada@example.net SMTPUTF8'))).toBe(501)
    expect(await code(conversation.expand('list'))).toBe(550)
    expect(await code(conversation.help())).toBe(214)
    expect(await code(conversation.etrn('example.net'))).toBe(250)
    expect(await code(conversation.command('WIZ'))).toBe(500)
  })
})
