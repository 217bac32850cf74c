/** The PROXY protocol (the document `proxy-protocol.txt` of HAProxy), as a client says it. */

import { createManualClock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { beforeAll, describe, expect, it } from 'vitest'
import { destinationKey, type HostDestination } from '../src/host-destination.ts'
import { formatProxyHeader, type ProxyHeader } from '../src/proxy-header.ts'
import { sendMessage } from '../src/send-message.ts'
import { createSmtpDelivery } from '../src/smtp-delivery.ts'
import { certificate, CONTENT, envelope, HOST, never, source, summary } from './fixtures.ts'
import { listen, network, polite, type Script, type ServerPem } from './scripted-peer.ts'

const FOUR = { client: { address: '192.0.2.7', port: 40_000 }, server: { address: '198.51.100.1', port: 25 } }
const SIX = { client: { address: '2001:DB8::7', port: 65_535 }, server: { address: '2001:db8:0:1::1', port: 0 } }
const MAPPED = { client: { address: '::ffff:192.0.2.7', port: 1 }, server: { address: '::', port: 2 } }
const SIGNATURE = '0d0a0d0a000d0a515549540a'

describe('formatProxyHeader', () => {
  it.each<{ header: ProxyHeader; line: string }>([
    { header: { version: 1, ...FOUR }, line: 'PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\r\n' },
    { header: { version: 1, ...SIX }, line: 'PROXY TCP6 2001:db8::7 2001:db8:0:1::1 65535 0\r\n' },
    { header: { version: 1, ...MAPPED }, line: 'PROXY TCP6 ::ffff:c000:207 :: 1 2\r\n' },
    { header: { version: 1, local: true }, line: 'PROXY UNKNOWN\r\n' },
  ])('writes version 1: $line', ({ header, line }) => {
    expect(Buffer.from(formatProxyHeader(header)).toString()).toBe(line)
  })

  it.each<{ header: ProxyHeader; hex: string }>([
    { header: { version: 2, ...FOUR }, hex: '2111000cc0000207c63364019c400019' },
    {
      header: { version: 2, ...SIX },
      hex: '2121002420010db800000000000000000000000720010db8000000010000000000000001ffff0000',
    },
    {
      header: { version: 2, ...MAPPED },
      hex: '2121002400000000000000000000ffffc00002070000000000000000000000000000000000010002',
    },
    {
      header: {
        version: 2,
        client: { address: '1:2:3:4:5:6:7:8', port: 256 },
        server: { address: '::1:0:0:1', port: 255 },
      },
      hex: '212100240001000200030004000500060007000800000000000000000001000000000001010000ff',
    },
    { header: { version: 2, local: true }, hex: '20000000' },
  ])('writes version 2: $hex', ({ header, hex }) => {
    expect(Buffer.from(formatProxyHeader(header)).toString('hex')).toBe(SIGNATURE + hex)
  })

  const wrong: [string, ProxyHeader][] = [
    ['two families', { version: 2, client: FOUR.client, server: SIX.server }],
    ['no address', { version: 1, client: { address: '', port: 1 }, server: FOUR.server }],
    ['a name', { version: 1, client: { address: 'mx.example.net', port: 1 }, server: FOUR.server }],
    ['an interface', { version: 2, client: { address: 'fe80::1%eth0', port: 1 }, server: SIX.server }],
    ['more words', { version: 1, client: { address: '192.0.2.7 x', port: 1 }, server: FOUR.server }],
    ...[-1, 65_536, 2.5, Number.NaN].map((port): [string, ProxyHeader] => [
      `port ${port}`,
      { version: 2, client: FOUR.client, server: { address: '192.0.2.1', port } },
    ]),
  ]
  it.each(wrong)('is a fault of ours with %s', (_, header) => {
    expect(() => formatProxyHeader(header)).toThrow(expect.objectContaining({ code: 'SMTP_CLIENT_PROXY_HEADER' }))
  })
})

describe('a destination behind the PROXY protocol', () => {
  const HEADER: ProxyHeader = { version: 2, ...FOUR }
  const BYTES = SIGNATURE + '2111000cc0000207c63364019c400019'
  let pem: ServerPem
  beforeAll(async () => {
    pem = await certificate()
  })

  /** Reads a header of so many bytes, and goes on as a script. */
  const behind =
    (headers: string[], next: Script, length = BYTES.length / 2): Script =>
    async (peer) => {
      headers.push(Buffer.from((await peer.octets(length)) ?? '', 'latin1').toString('hex'))
      return next(peer)
    }
  const implicit: Script = async (peer) => {
    await peer.upgrade(pem)
    return polite()(peer)
  }
  const ways: { tls: HostDestination['tls']; script: () => Script }[] = [
    { tls: 'none', script: () => polite() },
    { tls: 'required', script: () => polite({ keywords: ['STARTTLS'], pem }) },
    { tls: 'implicit', script: () => implicit },
  ]

  it.each(ways)('is told whom we speak for before anything else, over sockets too ($tls)', async ({ tls, script }) => {
    const headers: string[] = []
    await using server = await listen(behind(headers, script()))
    await using delivery = createSmtpDelivery({
      hostname: 'client.example.org',
      clock: systemClock,
      trust: { ca: pem.cert },
    })
    const destination = { ...HOST, tls, address: '127.0.0.1', port: server.port, proxyHeader: HEADER }
    const request = { envelope: envelope(), content: source(), destination, signal: never }
    for (let count = 0; count < 2; count += 1) {
      const { outcomes, peer } = await delivery.deliver(request)
      expect([summary(outcomes), peer?.reused]).toEqual([['delivered'], count > 0])
    }
    expect(headers).toEqual([BYTES])
  })

  it('is told so again where an opportunistic handshake failed', async () => {
    const headers: string[] = []
    const stumbling = polite({
      keywords: ['STARTTLS'],
      answer: (line, peer) => {
        if (line === 'STARTTLS') peer.stream.once('data', () => peer.say('this is no TLS'))
        return undefined
      },
    })
    const { dial, peers } = network(behind(headers, stumbling), behind(headers, polite()))
    const delivery = createSmtpDelivery({ hostname: 'client.example.org', clock: createManualClock(), dial })
    const destination: HostDestination = { ...HOST, tls: 'opportunistic', proxyHeader: HEADER }
    const { outcomes } = await delivery.deliver({ envelope: envelope(), content: source(), destination, signal: never })
    expect([summary(outcomes), peers.length, headers]).toEqual([['delivered'], 2, [BYTES, BYTES]])
    await delivery[Symbol.asyncDispose]()
  })

  it('is not called where the header is wrong', async () => {
    const { dial, peers } = network(polite())
    const delivery = createSmtpDelivery({ hostname: 'client.example.org', clock: createManualClock(), dial })
    const proxyHeader: ProxyHeader = { version: 1, client: FOUR.client, server: SIX.server }
    const destination = { ...HOST, proxyHeader }
    await expect(
      delivery.deliver({ envelope: envelope(), content: source(), destination, signal: never }),
    ).rejects.toMatchObject({ code: 'SMTP_CLIENT_PROXY_HEADER' })
    expect(peers).toHaveLength(0)
  })

  it('shares no connection with another client', () => {
    const other: ProxyHeader = { ...HEADER, client: { ...FOUR.client, port: 40_001 } }
    const headers = [undefined, HEADER, other, { ...HEADER, version: 1 } as const, { version: 2, local: true } as const]
    const keys = headers.map((proxyHeader) => destinationKey({ ...HOST, ...(proxyHeader && { proxyHeader }) }))
    expect(new Set(keys).size).toBe(headers.length)
    expect(destinationKey({ ...HOST, proxyHeader: { ...HEADER } })).toBe(keys[1])
  })

  it('is reached by sendMessage too, and so are ignored extensions', async () => {
    const headers: string[] = []
    const { dial, peers } = network(behind(headers, polite({ keywords: ['SIZE'] }), 15))
    const { outcomes } = await sendMessage({
      host: 'submit.example.net',
      port: 587,
      tls: 'none',
      hostname: 'client.example.org',
      proxyHeader: { version: 1, local: true },
      ignoredKeywords: ['size'],
      envelope: envelope(),
      content: Buffer.from(CONTENT),
      clock: createManualClock(),
      dial,
    })
    expect([summary(outcomes), headers]).toEqual([['delivered'], [Buffer.from('PROXY UNKNOWN\r\n').toString('hex')]])
    expect(peers[0]?.lines[1]).toBe('MAIL FROM:<eve@example.org>')
  })
})
