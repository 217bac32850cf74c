/** A submission agent over memory versions of every port. */

import { mailboxOf } from '@postroad/address'
import { fromLatin1 } from '@postroad/bytes'
import type { Directory } from '@postroad/directory'
import { createMemoryDirectory } from '@postroad/directory/memory'
import { createIntake, workItemCodec, type WorkItem } from '@postroad/intake'
import type { Store } from '@postroad/queue'
import { createMemoryStore } from '@postroad/queue/memory'
import { createRoutes } from '@postroad/routes'
import { createManualClock, createSeededRandom } from '@postroad/runtime'
import type { ContentSink, SessionView, SubmissionHandler } from '@postroad/smtp'
import { createMsa } from '../src/index.ts'

export interface Parts {
  readonly session: SubmissionHandler
  readonly store: Store<WorkItem>
  /** Content of the only entry, as text with `\n`. */
  stored(): Promise<string>
}

export function openParts(options: { account?: string; directory?: Directory; maxRecipients?: number } = {}): Parts {
  const clock = createManualClock()
  const random = createSeededRandom(1)
  const store = createMemoryStore<WorkItem>({ clock, random, codec: workItemCodec })
  const directory =
    options.directory ??
    createMemoryDirectory({
      accounts: [
        { name: 'ada', password: 'secret', mailboxes: ['ada@example.org', 'ada.lovelace@example.org'] },
        { name: 'bob', password: 'other', mailboxes: ['bob@example.org'] },
      ],
      domains: { local: ['example.org'] },
    })
  const intake = createIntake({
    store,
    directory,
    routes: createRoutes(),
    clock,
    random,
    hostname: 'mail.example.org',
  })
  const view: SessionView = {
    sessionId: 's1',
    protocol: 'submission',
    hostname: 'mail.example.org',
    remoteAddress: '192.0.2.9',
    remotePort: 1,
    localPort: 587,
    tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
    hello: { verb: 'EHLO', name: 'laptop.example.org' },
    account: 'account' in options ? options.account : 'ada',
  }
  return {
    store,
    session: createMsa({
      intake,
      directory,
      clock,
      hostname: 'mail.example.org',
      postmaster: mailboxOf('postmaster@example.org'),
      ...(options.maxRecipients !== undefined && { maxRecipients: options.maxRecipients }),
    })(view),
    async stored() {
      const [lease] = await store.queue.lease({ limit: 1, durationMs: 1_000, waitMs: 0 })
      let text = ''
      for await (const chunk of store.spool.open(lease!.content!)) text += Buffer.from(chunk).toString()
      return text.replaceAll('\r\n', '\n')
    },
  }
}

/** MAIL, RCPT and content, with the reply to the end of data. */
export async function submit(session: SubmissionHandler, text: string, from: string | null = 'ada@example.org') {
  await session.mail({ reversePath: from === null ? null : mailboxOf(from) })
  await session.rcpt({ forwardPath: mailboxOf('bob@example.org') })
  const sink = await session.content()
  if (!isSink(sink)) return sink
  await sink.write(fromLatin1(text.replaceAll('\n', '\r\n')))
  return sink.end()
}

export const isSink = (value: unknown): value is ContentSink =>
  typeof value === 'object' && value !== null && 'write' in value
