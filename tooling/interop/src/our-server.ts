/** Our server on the loopback, which keeps what it was sent: for the clients of others, and behind the servers of others. */

import { reply } from '@postroad/envelope'
import { systemClock, systemCryptography, systemRandom } from '@postroad/runtime/system'
import { deriveScramKeys } from '@postroad/sasl'
import type { MailRequest, RcptRequest, SessionView } from '@postroad/smtp'
import { createSmtpServer, type ServerHandler, type SmtpServerOptions } from '@postroad/smtp-server'

/** One message that was accepted. */
export interface TakenMessage {
  /** As it was when the content had come. */
  readonly session: SessionView
  readonly mail: MailRequest
  readonly recipients: readonly RcptRequest[]
  readonly content: Buffer
}

/** A running server. */
export interface OurServer extends AsyncDisposable {
  /** 0 on a unix socket. */
  readonly port: number
  /** What it took, in order. */
  readonly messages: readonly TakenMessage[]
  /** The lines of all its sessions, `C: ...` and `S: ...`. */
  readonly dialogue: readonly string[]
  /** Resolves with the first message that `is` accepts, as soon as there is one; rejects after 10 seconds without. */
  taken(is?: (message: TakenMessage) => boolean): Promise<TakenMessage>
}

/** How it differs from a server that takes anything for anybody at example.net but `nobody`. */
export type OurServerOptions = Partial<SmtpServerOptions> & {
  /** Listens there; absent: on a free port of 127.0.0.1. */
  readonly path?: string
}

/** Everybody's password is this; there is only Ada. */
export const PASSWORD = 'secret'
const TAKEN_WITHIN_MS = 10_000

/** Her token. */
export const TOKEN = 'YS50b2tlbg=='

/** Starts one. */
export async function startOurServer({ path, ...options }: OurServerOptions = {}): Promise<OurServer> {
  const messages: TakenMessage[] = []
  const dialogue: string[] = []
  const waiting: {
    readonly is: (message: TakenMessage) => boolean
    readonly resolve: (message: TakenMessage) => void
  }[] = []
  const take = (message: TakenMessage): void => {
    messages.push(message)
    for (const [index, { is, resolve }] of [...waiting.entries()].toReversed()) {
      if (!is(message)) continue
      waiting.splice(index, 1)
      resolve(message)
    }
  }
  const server = createSmtpServer({
    hostname: 'mx.example.net',
    protocol: 'smtp',
    clock: systemClock,
    handler: (session) => createHandler(session, options.protocol === 'lmtp', take),
    dialogue: true,
    observer: (event) => {
      if (event.type === 'dialogue') dialogue.push(`${event.from === 'client' ? 'C' : 'S'}: ${event.line}`)
      if (event.type === 'fault') dialogue.push(`fault: ${String(event.error)}`)
    },
    ...options,
  })
  const address = await server.listen(path === undefined ? { host: '127.0.0.1', port: 0 } : { path })
  return {
    port: 'port' in address ? address.port : 0,
    messages,
    dialogue,
    taken: (is = () => true) =>
      new Promise((resolve, reject) => {
        const message = messages.find(is)
        if (message !== undefined) return resolve(message)
        const late = setTimeout(() => {
          reject(new Error(`No such message came. The last that was said:\n${dialogue.slice(-40).join('\n')}`))
        }, TAKEN_WITHIN_MS)
        const done = (taken: TakenMessage): void => {
          clearTimeout(late)
          resolve(taken)
        }
        waiting.push({ is, resolve: done })
      }),
    [Symbol.asyncDispose]: () => server.stop({ deadlineMs: 0 }),
  }
}

function createHandler(session: SessionView, lmtp: boolean, take: (message: TakenMessage) => void): ServerHandler {
  let mail: MailRequest | undefined
  let recipients: RcptRequest[] = []
  return {
    mail(request) {
      mail = request
      recipients = []
      return reply(250, '2.1.0', 'OK')
    },
    rcpt(request) {
      if (request.forwardPath !== 'postmaster' && request.forwardPath.localPart === 'nobody') {
        return reply(550, '5.1.1', 'No such mailbox')
      }
      recipients.push(request)
      return reply(250, '2.1.5', 'OK')
    },
    content() {
      const chunks: Buffer[] = []
      return {
        write(bytes) {
          chunks.push(Buffer.from(bytes))
        },
        end() {
          if (mail !== undefined) take({ session: { ...session }, mail, recipients, content: Buffer.concat(chunks) })
          const full = (rcpt: RcptRequest): boolean =>
            rcpt.forwardPath !== 'postmaster' && rcpt.forwardPath.localPart === 'full'
          const replies = recipients.map((rcpt) =>
            full(rcpt) ? reply(452, '4.2.2', 'Mailbox full') : reply(250, '2.0.0', 'Taken'),
          )
          return lmtp ? replies : reply(250, '2.0.0', 'Taken')
        },
        abort() {},
      }
    },
    authenticate(credentials) {
      const accepted =
        credentials.kind === 'password'
          ? credentials.authenticationId === 'ada' && credentials.password === PASSWORD
          : credentials.kind === 'token'
            ? credentials.token === TOKEN
            : credentials.kind === 'certificate'
              ? session.tls?.clientCertificate?.verified === true
              : credentials.authenticationId === 'ada'
      return Promise.resolve(accepted ? { kind: 'accepted', account: 'ada' } : { kind: 'refused' })
    },
    scramKeys: async (username, mechanism) =>
      username === 'ada'
        ? deriveScramKeys(PASSWORD, {
            mechanism,
            salt: systemRandom.bytes(16),
            iterations: 4_096,
            cryptography: systemCryptography,
          })
        : undefined,
    sharedSecret: (username) => Promise.resolve(username === 'ada' ? PASSWORD : undefined),
  }
}
