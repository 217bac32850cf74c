/**
 * The receiver of a transcript: accepts everything but what the transcript's `answer` settings say.
 *
 * Answers at once, so any stage can use it. Ada's password is `secret`; nobody else has one. The content it took can be
 * looked at.
 */

import { reply, splitStatus } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import type {
  CommandHandler,
  ExpandingHandler,
  ForwardingHandler,
  HelpingHandler,
  QueueStartingHandler,
  TurningHandler,
} from '../handler-add-ons.ts'
import type { ContentSink, RcptRequest, SubmissionHandler } from '../handler.ts'
import type { TranscriptSettings } from './transcript-settings.ts'

/** A handler that remembers, with every method that a handler may have. */
export interface ScriptedHandler
  extends
    SubmissionHandler,
    ExpandingHandler,
    HelpingHandler,
    QueueStartingHandler,
    TurningHandler,
    Required<ForwardingHandler>,
    CommandHandler {
  /** What each accepted message held. */
  readonly messages: readonly Uint8Array[]
  /** Calls that no reply shows: `reset`, `abort`, `end`, `turned`. */
  readonly calls: readonly string[]
}

/** Creates the handler that a transcript's settings describe. */
export function createScriptedHandler({ answers, protocol }: TranscriptSettings): ScriptedHandler {
  const messages: Uint8Array[] = []
  const calls: string[] = []
  let recipients: string[] = []

  const scripted = (what: string, otherwise: Reply): Reply => {
    const text = answers.get(what)
    return text === undefined ? otherwise : parseReply(text)
  }

  const sink = (): ContentSink => {
    const chunks: Uint8Array[] = []
    return {
      write(bytes) {
        chunks.push(bytes.slice())
      },
      end() {
        messages.push(join(chunks))
        const taken = recipients
        recipients = []
        const done = reply(250, '2.0.0', 'Taken')
        if (protocol !== 'lmtp') return scripted('content', done)
        return taken.map((mailbox) => scripted(`content:${mailbox}`, scripted('content', done)))
      },
      abort() {
        calls.push('abort')
        recipients = []
      },
    }
  }

  return {
    messages,
    calls,
    connection: () => (answers.has('connect') ? scripted('connect', ACCEPTED) : undefined),
    hello: ({ verb }) => (answers.has(verb) ? scripted(verb, ACCEPTED) : undefined),
    mail: () => scripted('MAIL', reply(250, '2.1.0', 'OK')),
    rcpt(rcpt) {
      const mailbox = nameOf(rcpt)
      const answer = scripted(mailbox, scripted('RCPT', reply(250, '2.1.5', 'OK')))
      if (answer.code < 300) recipients.push(mailbox)
      return answer
    },
    content: () => (answers.has('DATA') ? scripted('DATA', ACCEPTED) : sink()),
    vrfy: () => (answers.has('VRFY') ? scripted('VRFY', ACCEPTED) : undefined),
    expn: () => scripted('EXPN', reply(502, '5.5.1', 'Command not implemented')),
    help: () => (answers.has('HELP') ? scripted('HELP', ACCEPTED) : undefined),
    etrn: ({ kind, node }) => scripted('ETRN', reply(250, '2.0.0', `Queuing for ${kind} ${node} started`)),
    atrn(domains, turn) {
      turn(() => void calls.push('turned'))
      return scripted('ATRN', reply(250, '2.0.0', `Now reversing the connection for ${domains.join(' ')}`))
    },
    xclient: () => (answers.has('XCLIENT') ? scripted('XCLIENT', ACCEPTED) : undefined),
    xforward: () => (answers.has('XFORWARD') ? scripted('XFORWARD', ACCEPTED) : undefined),
    command: (word) => scripted(word, ACCEPTED),
    authenticate: (credentials) =>
      Promise.resolve(
        credentials.kind === 'password' && credentials.authenticationId === 'ada' && credentials.password === 'secret'
          ? { kind: 'accepted', account: 'ada' }
          : { kind: 'refused' },
      ),
    reset() {
      calls.push('reset')
      recipients = []
    },
    end() {
      calls.push('end')
    },
  }
}

const ACCEPTED = reply(250, undefined, 'OK')

function nameOf({ forwardPath }: RcptRequest): string {
  return forwardPath === 'postmaster' ? forwardPath : `${forwardPath.localPart}@${forwardPath.domain}`
}

/** `452 4.2.2 mailbox full` */
function parseReply(text: string): Reply {
  const { status, text: rest } = splitStatus(text.slice(4))
  return reply(Number(text.slice(0, 3)), status, rest)
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    joined.set(chunk, at)
    at += chunk.length
  }
  return joined
}
