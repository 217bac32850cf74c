/** A mail server of others that this process can start, and what it is told for each transcript. */

import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { EXTENSIONS } from '@postroad/smtp'
import type { TranscriptSettings } from '@postroad/smtp/testing'
import type { PrivateProcess } from './private-process.ts'

/** A kind of server. */
export interface PeerKind {
  readonly name: string
  /** Where it lies under `.cache`. */
  readonly folder: string
  /** The packages of Debian it comes from. */
  readonly packages: readonly string[]
  /** It must lie where it would be installed (`PrivateProgram.onto`). */
  readonly onto?: boolean
  /** Finds the version in what it logs when it starts, as its only group. */
  readonly version: RegExp
  /** The version that `explanations/` explains, without its last part. */
  readonly explained: string
  /** It takes several commands at once (RFC 2920). */
  readonly pipelining: boolean
  /** The settings of a transcript in the words of its configuration, or why they cannot be said in these. */
  translate(settings: TranscriptSettings): Translation
  /** Starts one that serves each of `services`, each on a port of its own. */
  start(options: PeerOptions): Promise<PeerServer>
}

/** `service`: text for `start`; two transcripts with the same text share a service. */
export type Translation = { readonly service: string } | { readonly reason: string }

/**
 * Why no configuration of a server that has the extensions `known`, beside those that everybody has, can be what the
 * settings say; `undefined` where nothing is in the way.
 */
export function reasonAgainst(settings: TranscriptSettings, known: readonly string[]): string | undefined {
  if (settings.protocol === 'lmtp') return 'has no LMTP server'
  if (settings.commands.length > 0) return 'knows no commands by agreement'
  const names = new Set(settings.extensions.map(({ name }) => name))
  const usual = new Set(EXTENSIONS.map(({ name }) => name))
  for (const name of names) if (!usual.has(name) && !known.includes(name)) return `has no ${name}`
  for (const name of usual) if (!names.has(name)) return `is not told to leave out ${name}`
  if (settings.trusted && !known.includes('XCLIENT')) return 'trusts nobody in this way'
  return undefined
}

/** The limits that a transcript sets, without those that only say that replies are not held back. */
export function limitsOf(settings: TranscriptSettings): readonly (readonly [name: string, value: number])[] {
  return Object.entries(settings.limits).filter(([name, value]) => name !== 'errorDelayMs' || value !== 0)
}

/** What a server serves, and where it passes on what it accepts. */
export interface PeerOptions {
  /** From `translate`, or written by hand; each once. */
  readonly services: readonly string[]
  /** The port of the loopback to which everything accepted is passed on by SMTP; absent: it is thrown away. */
  readonly relayPort?: number
  /** By LMTP in place of SMTP; Postfix and Exim can. */
  readonly relayByLmtp?: boolean
}

/** A running server; disposing it ends it and removes its folder. */
export interface PeerServer extends AsyncDisposable {
  /** Where a service listens, on 127.0.0.1. */
  port(service: string): number
  /** What it logged, for when a test fails. */
  log(): Promise<string>
}

/** A server that was started, and what is known of it. */
export interface StartedPeer {
  readonly name: string
  readonly services: readonly string[]
  /** One for each service, in their order. */
  readonly ports: readonly number[]
  readonly running: PrivateProcess
  /** Removed with the server. */
  readonly folder: { remove(): Promise<void> }
  /** What it logged; absent: what it printed. */
  readonly log?: () => Promise<string>
}

/** Waits until the server listens; where it does not, ends it and rejects with what it logged. */
export async function awaitPeer({
  name,
  services,
  ports,
  running,
  folder,
  ...given
}: StartedPeer): Promise<PeerServer> {
  const log = given.log ?? (() => Promise.resolve(running.output()))
  const stop = async (): Promise<void> => {
    await running.stop()
    await folder.remove()
  }
  try {
    await listening(name, ports, running)
  } catch (cause) {
    const said = await log()
    await stop()
    throw new Error(said, { cause })
  }
  const numbers = new Map(services.map((service, index) => [service, ports[index] ?? 0]))
  return { port: (service) => numbers.get(service) ?? 0, log, [Symbol.asyncDispose]: stop }
}

const READY_WITHIN_MS = 20_000

/** Resolves when something accepts connections at every port; rejects with what the process said where it ended first. */
async function listening(name: string, ports: readonly number[], running: PrivateProcess): Promise<void> {
  let gone = false
  void running.ended.then(() => {
    gone = true
  })
  const deadline = performance.now() + READY_WITHIN_MS
  for (const port of ports) {
    while (!(await accepts(port))) {
      if (gone || performance.now() > deadline) throw new Error(`${name} did not start: ${running.output()}`)
      await sleep(20)
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
