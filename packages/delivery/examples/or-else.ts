// examples/or-else.ts
import { mailboxOf } from '@postroad/address'
import type { Delivery } from '@postroad/delivery'
import { createScriptedDelivery } from '@postroad/delivery/memory'
import { ContentScanner } from '@postroad/message'

/** Goes another way where the first reached nobody: the port, implemented over itself. */
function orElse<Destination>(first: Delivery<Destination>, other: Delivery<Destination>): Delivery<Destination> {
  return {
    async deliver(request) {
      const { onOutcome, ...quiet } = request
      const report = await first.deliver(quiet)
      if (report.phase === 'connect' && !request.signal.aborted) return other.deliver(request)
      report.outcomes.forEach((outcome, recipient) => onOutcome?.(recipient, outcome))
      return report
    },
  }
}

// Two that do as they are told, and keep what came.
const away = createScriptedDelivery<string>({
  phase: 'connect',
  answer: () => ({ kind: 'deferred', reply: undefined, status: '4.4.1', reason: 'connection refused' }),
})
const there = createScriptedDelivery<string>()

const bytes = new TextEncoder().encode('Subject: hello\r\n\r\nHello.\r\n')
const scanner = new ContentScanner()
scanner.push(bytes)
const { outcomes } = await orElse(away, there).deliver({
  envelope: { reversePath: null, recipients: [{ mailbox: mailboxOf('ada@example.org') }] },
  content: {
    facts: scanner.finish(),
    async *open(range) {
      yield bytes.subarray(range?.start, range?.end)
    },
  },
  destination: 'example.org',
  signal: AbortSignal.timeout(60_000),
  onOutcome: (recipient, { kind }) => console.log('recipient', recipient, kind),
})
console.log(outcomes.length, away.calls[0]?.report?.outcomes[0]?.kind, there.calls[0]?.content.length)

// Prints:
// recipient 0 delivered
// 1 deferred 26
