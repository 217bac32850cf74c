/** What the tests of the intake stand on: memory versions of every port, a manual clock, a seeded random source. */

import { mailboxOf } from '@postroad/address'
import { fromLatin1 } from '@postroad/bytes'
import type { Directory } from '@postroad/directory'
import { createMemoryDirectory } from '@postroad/directory/memory'
import type { Recipient } from '@postroad/envelope'
import type { Store } from '@postroad/queue'
import { createMemoryStore } from '@postroad/queue/memory'
import { createRoutes, type RouteRule } from '@postroad/routes'
import { createManualClock, createSeededRandom, type ManualClock } from '@postroad/runtime'
import {
  createIntake,
  workItemCodec,
  type Intake,
  type IntakeEvent,
  type IntakeOptions,
  type WorkItem,
} from '../src/index.ts'

export interface Parts {
  readonly intake: Intake
  readonly store: Store<WorkItem>
  readonly directory: Directory
  readonly clock: ManualClock
  readonly events: IntakeEvent[]
}

export function openParts(
  options: { readonly rules?: readonly RouteRule[]; readonly directory?: Directory } & Partial<IntakeOptions> = {},
): Parts {
  const clock = createManualClock()
  const random = createSeededRandom(1)
  const events: IntakeEvent[] = []
  const store = createMemoryStore<WorkItem>({ clock, random, codec: workItemCodec })
  const directory = options.directory ?? createMemoryDirectory(PEOPLE)
  const intake = createIntake({
    store,
    directory,
    routes: createRoutes(options.rules),
    clock,
    random,
    hostname: 'mx.example.org',
    observer: (event) => void events.push(event),
    ...options,
  })
  return { intake, store, directory, clock, events }
}

export const PEOPLE = {
  accounts: [
    { name: 'ada', password: 'secret', mailboxes: ['ada@example.org'] },
    { name: 'bob', password: 'secret', mailboxes: ['bob@example.org'] },
  ],
  domains: { local: ['example.org'], relay: ['example.com'] },
  aliases: {
    'team@example.org': ['ada@example.org', 'bob@example.org', 'carol@example.net'],
    'loop@example.org': ['pool@example.org'],
    'pool@example.org': ['loop@example.org'],
    'broken@example.org': ['nobody@example.org'],
  },
}

export const recipient = (text: string): Recipient => ({ mailbox: mailboxOf(text) })

export const bytes = (text: string): Uint8Array => fromLatin1(text.replaceAll('\n', '\r\n'))

export async function read(source: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of source) text += Buffer.from(chunk).toString('latin1')
  return text.replaceAll('\r\n', '\n')
}
