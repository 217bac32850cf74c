import type { Envelope } from '@postroad/envelope'
import { createManualClock } from '@postroad/runtime'
import { beforeAll, describe, expect, it } from 'vitest'
import type { HostDestination } from '../src/host-destination.ts'
import { createSmtpDelivery } from '../src/smtp-delivery.ts'
import { certificate, envelope, HOST, never, source, summary } from './fixtures.ts'
import { network, polite, type PoliteOptions, type Script, type ServerPem } from './scripted-peer.ts'

let pem: ServerPem
beforeAll(async () => {
  pem = await certificate()
})

const trust = () => ({ trust: { ca: pem.cert } })
const withTls =
  (options: PoliteOptions = {}): Script =>
  (peer) =>
    polite({ keywords: ['PIPELINING', 'STARTTLS'], pem, ...options })(peer)

describe('REQUIRETLS (RFC 8689 §4.2.1)', () => {
  const requiring = async (scripts: Script[], destination: Partial<HostDestination>, more: Partial<Envelope> = {}) => {
    const { dial, peers } = network(...scripts)
    const delivery = createSmtpDelivery({
      hostname: 'client.example.org',
      clock: createManualClock(),
      dial,
      ...trust(),
    })
    const report = await delivery.deliver({
      envelope: { ...envelope(), requireTls: true, ...more },
      content: source(),
      destination: { ...HOST, ...destination },
      signal: never,
    })
    await delivery[Symbol.asyncDispose]()
    return { outcome: summary(report.outcomes)[0], phase: report.phase, peers }
  }
  const able = () => withTls({ keywords: ['PIPELINING', 'STARTTLS', 'REQUIRETLS'] })

  it('goes to a verified host that keeps it up', async () => {
    for (const tls of ['opportunistic', 'required'] as const) {
      const { outcome, peers } = await requiring([able()], { tls })
      expect(outcome).toBe('delivered')
      expect(peers[0]?.lines).toContain('MAIL FROM:<eve@example.org> REQUIRETLS')
    }
  })

  it('fails where the host has no TLS, none that can be verified, or does not know it', async () => {
    const cases = [
      { script: polite(), destination: { tls: 'opportunistic' }, outcome: 'failed 5.7.10', phase: 'tls' },
      {
        script: able(),
        destination: { tls: 'opportunistic', host: 'mx.example.com' },
        outcome: 'failed 5.7.10',
        phase: 'tls',
      },
      {
        script: able(),
        destination: { tls: 'required', host: 'mx.example.com' },
        outcome: 'failed 5.7.10',
        phase: 'tls',
      },
      { script: withTls(), destination: { tls: 'required' }, outcome: 'failed 5.7.30', phase: 'hello' },
    ] as const
    for (const { script, destination, outcome, phase } of cases) {
      const made = await requiring([script], destination)
      expect([made.outcome, made.phase, made.peers.length]).toEqual([outcome, phase, 1])
      expect(made.peers[0]?.lines.some((line) => line.startsWith('MAIL'))).toBe(false)
    }
  })

  it('leaves what is no answer to TLS a deferral', async () => {
    const made = await requiring([withTls({ greeting: '450 4.3.2 later' })], { tls: 'opportunistic' })
    expect([made.outcome, made.phase]).toEqual(['deferred 4.2.0', 'greeting'])
    const later = withTls({ answer: (line) => (line === 'STARTTLS' ? '454 4.7.0 later' : undefined) })
    const cut: Script = async (peer) => {
      peer.stream.once('data', () => peer.reset())
    }
    for (const [script, tls] of [
      [later, 'required'],
      [cut, 'implicit'],
      [(peer) => Promise.resolve(peer.close()), 'implicit'],
    ] as const satisfies readonly (readonly [Script, string])[]) {
      const passing = await requiring([script], { tls })
      expect(passing.outcome).toMatch(/^deferred 4\.7\./)
      expect(passing.phase).toBe('tls')
    }
    const refused = withTls({ answer: (line) => (line === 'STARTTLS' ? '502 5.5.1 no' : undefined) })
    expect((await requiring([refused], { tls: 'required' })).outcome).toBe('failed 5.7.10')
  })
})
