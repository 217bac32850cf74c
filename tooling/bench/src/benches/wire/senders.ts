/** Clients that send mail: ours and a peer's. Each is loaded when it is chosen. */

/** A client with connections of its own to one server. */
export interface Sender {
  /** Sends one message; resolves when it was taken, rejects when it was not. As many at a time as there are callers. */
  readonly send: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What one is to do. */
export interface SenderOptions {
  readonly port: number
  /** Most calls at a time, each with a connection. */
  readonly callers: number
  readonly sizeBytes: number
  readonly recipients: number
}

/** By the name that the process is given. */
export const SENDERS = {
  postroad: async (options: SenderOptions) => (await import('./postroad-sender.ts')).openPostroadSender(options),
  nodemailer: async (options: SenderOptions) => (await import('./nodemailer-sender.ts')).openPeerSender(options),
} as const satisfies Readonly<Record<string, (options: SenderOptions) => Promise<Sender>>>

/** A client. */
export type SenderKind = keyof typeof SENDERS
