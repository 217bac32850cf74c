/** A relay over memory versions of every port; time moves only when a test moves it. */

import { mailboxOf } from '@postroad/address'
import { fromUtf8 } from '@postroad/bytes'
import type { Delivery } from '@postroad/delivery'
import { createScriptedDelivery, type ScriptedAnswer, type ScriptedDelivery } from '@postroad/delivery/memory'
import { createMemoryDirectory } from '@postroad/directory/memory'
import { createZoneResolver } from '@postroad/dns'
import type { Envelope, Recipient } from '@postroad/envelope'
import { createIntake, workItemCodec, type Intake, type WorkItem } from '@postroad/intake'
import type { QueueOptions, Store } from '@postroad/queue'
import { createMemoryStore } from '@postroad/queue/memory'
import { createRoutes, type RouteRule } from '@postroad/routes'
import { createManualClock, createSeededRandom, type ManualClock } from '@postroad/runtime'
import type { HostDestination } from '@postroad/smtp-client'
import { createRelay, type Relay, type RelayEvent, type RelayOptions } from '../src/index.ts'

export interface Parts {
  readonly store: Store<WorkItem>
  readonly intake: Intake
  readonly clock: ManualClock
  readonly events: RelayEvent[]
  readonly local: ScriptedDelivery<{ readonly transport: 'local' }>
  readonly host: ScriptedDelivery<HostDestination>
  readonly relay: Relay
  /** Starts the relay; it stops at the end of the test through `stop`. */
  start(): void
  /** Stops it and waits. */
  stop(): Promise<void>
  /** Lets everything that is ready happen, then moves the clock. */
  advance(ms: number): Promise<void>
  submit(to: readonly string[], options?: SubmitOptions): Promise<void>
}

/** What is submitted, and how; the rest is of each recipient. */
export interface SubmitOptions extends Partial<Recipient> {
  readonly from?: string | null
  /** Line ends are LF. */
  readonly text?: string
  readonly envelope?: Omit<Envelope, 'reversePath' | 'recipients'>
}

export interface PartsOptions {
  readonly answer?: (recipient: string, call: number, host: string | undefined) => ScriptedAnswer
  readonly zone?: string
  readonly rules?: readonly RouteRule[]
  readonly queue?: QueueOptions
  readonly relay?: Partial<RelayOptions>
  readonly local?: Delivery<{ readonly transport: 'local' }>
  readonly host?: Delivery<HostDestination>
  readonly store?: (store: Store<WorkItem>) => Store<WorkItem>
}

export function openParts(options: PartsOptions = {}): Parts {
  const clock = createManualClock()
  const random = createSeededRandom(1)
  const memory = createMemoryStore<WorkItem>({
    clock,
    random,
    codec: workItemCodec,
    ...(options.queue && { queue: options.queue }),
  })
  const store = options.store?.(memory) ?? memory
  const directory = createMemoryDirectory({
    accounts: [
      { name: 'ada', password: 'secret', mailboxes: ['ada@example.org'] },
      { name: 'bob', password: 'secret', mailboxes: ['bob@example.org'] },
    ],
    domains: { local: ['example.org'] },
  })
  const intake = createIntake({
    store: memory,
    directory,
    routes: createRoutes(options.rules),
    clock,
    random,
    hostname: 'mail.example.org',
  })
  const local = createScriptedDelivery<{ readonly transport: 'local' }>({
    ...(options.answer && {
      answer: ({ recipient, call }) =>
        options.answer?.(`${recipient.mailbox.localPart}@${recipient.mailbox.domain}`, call, undefined) ?? 'silent',
    }),
  })
  const host = createScriptedDelivery<HostDestination>({
    ...(options.answer && {
      answer: ({ recipient, call, destination }) =>
        options.answer?.(`${recipient.mailbox.localPart}@${recipient.mailbox.domain}`, call, destination.host) ??
        'silent',
    }),
  })
  const events: RelayEvent[] = []
  const relay = createRelay({
    store,
    intake,
    transport: {
      local: options.local ?? local,
      host: options.host ?? host,
      resolver: createZoneResolver(
        options.zone ?? '$ORIGIN example.net.\n@ MX 10 mx\nmx A 192.0.2.1\n$ORIGIN nomail.test.\n@ MX 0 .\n',
      ),
      random,
      ownNames: ['mail.example.org'],
      allowPrivateAddresses: true,
    },
    clock,
    random,
    hostname: 'mail.example.org',
    postmaster: mailboxOf('postmaster@example.org'),
    observer: (event) => void events.push(event),
    ...options.relay,
  })
  const stopping = new AbortController()
  let running: Promise<void> = Promise.resolve()

  return {
    store,
    intake,
    clock,
    events,
    local,
    host,
    relay,
    start() {
      running = relay.run(stopping.signal, { graceMs: 1_000 })
    },
    async stop() {
      stopping.abort()
      let stopped = false
      const ended = running.then(() => {
        stopped = true
      })
      for (let round = 0; round < 20 && !stopped; round += 1) await clock.advance(500)
      await ended
      await memory[Symbol.asyncDispose]()
    },
    async advance(ms) {
      for (let round = 0; round < 10; round += 1) await clock.advance(0)
      await clock.advance(ms)
      for (let round = 0; round < 10; round += 1) await clock.advance(0)
    },
    async submit(to, { from = 'ada@example.org', text = 'Subject: hi\n\nbody\n', envelope, ...parameters } = {}) {
      const reversePath = from === null ? null : mailboxOf(from)
      const found = await Promise.all(
        to.map((address) =>
          intake.resolve({
            recipient: { ...parameters, mailbox: mailboxOf(address) },
            reversePath,
            account: undefined,
          }),
        ),
      )
      const incoming = await intake.begin({
        message: intake.createMessageId(),
        envelope: { ...envelope, reversePath },
        recipients: found.flatMap((resolution) => (resolution.kind === 'accepted' ? resolution.targets : [])),
        trace: undefined,
      })
      await incoming.write(fromUtf8(text.replaceAll('\n', '\r\n')))
      await incoming.submit()
    },
  }
}
