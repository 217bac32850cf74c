// examples/outcome.ts
import {
  createEntryId,
  createMessageId,
  formatReply,
  messageOf,
  reply,
  type RecipientOutcome,
} from '@postroad/envelope'

const message = createMessageId(0, new Uint8Array(11))
const entry = createEntryId(message, 2)
console.log(entry, messageOf(entry) === message)

// A status of the wrong class does not compile: `failed` takes 5.x.x alone.
const refusal = reply(550, '5.1.1', 'no such user')
const outcome: RecipientOutcome = { kind: 'failed', reply: refusal, status: '5.1.1' }
console.log(outcome.kind, formatReply(refusal))

// Text of others cannot forge a line.
console.log(formatReply(reply(250, '2.0.0', 'OK\r\x07')))

// Prints:
// 00000000000000000000.2 true
// failed 550 5.1.1 no such user
// 250 2.0.0 OK??
