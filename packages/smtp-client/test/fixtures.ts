/** Envelopes, content and destinations for the tests. */

import { mailboxOf } from '@postroad/address'
import type { ContentFacts, ContentSource, Envelope, RecipientOutcome } from '@postroad/envelope'
import { ContentScanner } from '@postroad/message'
import type { HostDestination } from '../src/host-destination.ts'

export const CONTENT = 'Subject: x\r\n\r\n.dot\r\nlast\r\n'

export function envelope(...recipients: string[]): Envelope {
  const names = recipients.length === 0 ? ['ada@example.net'] : recipients
  return { reversePath: mailboxOf('eve@example.org'), recipients: names.map((name) => ({ mailbox: mailboxOf(name) })) }
}

export function factsOf(...chunks: Uint8Array[]): ContentFacts {
  const scanner = new ContentScanner()
  for (const chunk of chunks) scanner.push(chunk)
  return scanner.finish()
}

/** Content in chunks that are overwritten when the next is asked for, as a store may do. */
export function source(text = CONTENT, chunkBytes = 1 << 20): ContentSource {
  const bytes = Buffer.from(text, 'latin1')
  return {
    facts: factsOf(bytes),
    async *open() {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        const chunk = Buffer.from(bytes.subarray(at, at + chunkBytes))
        yield chunk
        chunk.fill(0x21)
      }
    },
  }
}

/** Content that is announced and never comes; counts how often it was freed. `asked` is called for each chunk. */
export function silentSource(facts: ContentFacts = source().facts, asked = (): void => {}) {
  const seen = { freed: 0 }
  const content: ContentSource = {
    facts,
    open: () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => {
          asked()
          return new Promise(() => {})
        },
        return: async () => {
          seen.freed += 1
          return { done: true, value: undefined }
        },
      }),
    }),
  }
  return { content, seen }
}

export const HOST: HostDestination = { protocol: 'smtp', host: 'mx.example.net', port: 25, tls: 'none' }

/** A certificate of its own for these names, by default `mx.example.net`, and its key, in PEM. */
export async function certificate(...names: string[]): Promise<{ key: string; cert: string }> {
  const { generate } = await import('selfsigned')
  const made = await generate([{ name: 'commonName', value: 'mx.example.net' }], {
    keyType: 'ec',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: (names.length === 0 ? ['mx.example.net'] : names).map((value) => ({ type: 2, value })),
      },
    ],
  })
  return { key: made.private, cert: made.cert }
}

/**
 * For `mx.example.net`, by Ed25519, until 2124. Its signature names no hash, so that under TLS 1.2 nothing can be bound to
 * the channel (RFC 5929 §4.1).
 */
export const ED25519: { readonly key: string; readonly cert: string } = {
  key: `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIHLsHRODwEjmmMDL4neSQRu1FBVx6G+YEeFpp/lE/l25
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBHjCB0aADAgECAgEBMAUGAytlcDAZMRcwFQYDVQQDDA5teC5leGFtcGxlLm5l
dDAgFw0yNDAxMDEwMDAwMDBaGA8yMTI0MDEwMTAwMDAwMFowGTEXMBUGA1UEAwwO
bXguZXhhbXBsZS5uZXQwKjAFBgMrZXADIQBROK27vLPoIQ5vy/zKft2jSA6YmzIL
ITYyNpniE09UYqM8MDowGQYDVR0RBBIwEIIObXguZXhhbXBsZS5uZXQwHQYDVR0O
BBYEFGoyVgOTMAklnz21FjpFxtJNnmrWMAUGAytlcANBAK4XcLrvNRGnkG87Kq0Q
7/QD7flaplqgORjLx46FRn2UIqX9GCT28cWXqhUny4aXW6IuyVh+I6UC9fFogWaZ
MQk=
-----END CERTIFICATE-----
`,
}

export function summary(outcomes: readonly RecipientOutcome[]): string[] {
  return outcomes.map((outcome) => ('status' in outcome ? `${outcome.kind} ${outcome.status}` : outcome.kind))
}

export const never: AbortSignal = new AbortController().signal
