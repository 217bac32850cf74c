/** A client and a server of one mechanism joined in memory, with somebody in between who may change what is said. */

import { fromBase64, toLatin1 } from '@postroad/bytes'
import { systemCryptography } from '@postroad/runtime/system'
import type {
  ClientMechanism,
  ClientStep,
  ScramKeys,
  ServerCredentials,
  ServerMechanism,
  ServerStep,
  TokenRefusal,
} from '../src/index.ts'

/** Who answers the server's questions. */
export interface Judge {
  readonly keys?: (username: string) => ScramKeys | undefined
  readonly secret?: (username: string) => string | undefined
  readonly verify?: (credentials: ServerCredentials) => boolean | TokenRefusal
}

/** How an exchange ended, on each side, and what went over the wire. */
export interface Talked {
  readonly client: string
  readonly server: string
  readonly said: readonly string[]
}

/** Runs an exchange to its end. `tamper` sees each message in order, the client's first. */
export async function talk(
  client: ClientMechanism,
  server: ServerMechanism,
  judge: Judge,
  tamper: (bytes: Uint8Array, index: number) => Uint8Array = (bytes) => bytes,
): Promise<Talked> {
  const said: string[] = []
  const send = (bytes: Uint8Array): Uint8Array => {
    const arrived = tamper(bytes, said.length)
    said.push(toLatin1(arrived))
    return arrived
  }
  const initial = client.start()
  let step = server.start(initial && send(initial))
  for (let rounds = 0; rounds < 20; rounds += 1) {
    switch (step.kind) {
      case 'keys':
        step = server.keys(judge.keys?.(step.username))
        break
      case 'secret':
        step = server.secret(judge.secret?.(step.username))
        break
      case 'verify': {
        const judged = judge.verify?.(step.credentials) ?? true
        step = typeof judged === 'boolean' ? server.verified(judged) : server.verified(false, judged)
        break
      }
      case 'challenge': {
        const answer = await answerOf(client, client.receive(send(step.bytes)))
        if (answer.kind === 'fail') return { client: answer.reason, server: 'cancelled', said }
        step = server.receive(send(answer.bytes))
        break
      }
      case 'failure':
        return { client: 'refused', server: step.reason, said }
      case 'success': {
        const end = client.finish()
        const server = `${step.authorizationId} by ${step.authenticationId}`
        return { client: end.kind === 'fail' ? end.reason : end.kind, server, said }
      }
    }
  }
  throw new Error('the exchange does not end')
}

async function answerOf(client: ClientMechanism, step: ClientStep): Promise<Exclude<ClientStep, { kind: 'derive' }>> {
  if (step.kind !== 'derive') return step
  const { algorithm, password, salt, iterations } = step.derivation
  return answerOf(client, client.derived(await systemCryptography.pbkdf2(algorithm, password, salt, iterations)))
}

/** The text of a challenge; fails for another step. */
export function challengeOf(step: ServerStep): string {
  if (step.kind !== 'challenge') throw new Error(`a challenge was expected: ${JSON.stringify(step)}`)
  return toLatin1(step.bytes)
}

/** The text of a response; fails for another step. */
export function responseOf(step: ClientStep): string {
  if (step.kind !== 'respond') throw new Error(`a response was expected: ${JSON.stringify(step)}`)
  return toLatin1(step.bytes)
}

/** Something that must be there. */
export function the<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('it is not there')
  return value
}

/** Bytes of base64 that is known to be some. */
export function base64(text: string): Uint8Array {
  return the(fromBase64(text))
}
