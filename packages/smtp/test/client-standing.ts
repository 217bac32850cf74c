/** What MAIL and RCPT are written from, made of the few things a test cares for. */

import { reply, type ContentFacts, type Envelope } from '@postroad/envelope'
import { sentBytes, usesSmtputf8 } from '../src/client-commands.ts'
import { parseExtensions } from '../src/client-extensions.ts'
import { LimitsUse } from '../src/client-limits.ts'
import type { MailStanding } from '../src/client-plan.ts'
import type { TransactionRequest } from '../src/client-request.ts'
import { envelope, facts, NOW } from './client-talk.ts'

export interface StandingParts {
  /** Keywords, each with its parameters, parted by newlines. */
  readonly offer?: string
  readonly envelope?: Partial<Envelope>
  readonly facts?: Partial<ContentFacts>
  readonly request?: Partial<TransactionRequest>
  readonly lmtp?: boolean
  readonly authenticated?: boolean
  readonly binary?: boolean
  readonly smtputf8?: boolean
}

export function standing({ offer = '', request = {}, ...parts }: StandingParts): MailStanding {
  const asked: TransactionRequest = {
    envelope: { ...envelope('ada@example.net'), reversePath: ADA, ...parts.envelope },
    facts: facts(undefined, parts.facts),
    now: NOW,
    ...request,
  }
  const peer = parseExtensions(reply(250, undefined, `mx\n${offer}`), true)
  return {
    peer,
    lmtp: parts.lmtp ?? false,
    authenticated: parts.authenticated ?? false,
    reset: false,
    use: new LimitsUse(),
    request: asked,
    binary: parts.binary ?? false,
    sizeBytes: sentBytes(asked.facts),
    smtputf8: parts.smtputf8 ?? usesSmtputf8(asked.envelope, peer),
  }
}

const [ADA = null] = envelope('ada@example.org').recipients.map(({ mailbox }) => mailbox)
