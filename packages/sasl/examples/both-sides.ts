// examples/both-sides.ts
import { systemCryptography as cryptography, systemRandom as random } from '@postroad/runtime/system'
import { chooseMechanism, createServerMechanism, deriveScramKeys } from '@postroad/sasl'

// What a server stores of a user: keys, from which the password cannot be read.
const iterations = 10_000
const stored = await deriveScramKeys('correct horse', {
  mechanism: 'SCRAM-SHA-256',
  salt: random.bytes(16),
  iterations,
  cryptography,
})

// A client takes the best mechanism that it is offered.
const credentials = { username: 'ada', password: 'correct horse' }
const client = chooseMechanism(['PLAIN', 'SCRAM-SHA-256'], credentials, { cryptography, random })
// Who does not exist gets a challenge like everybody else.
const decoy = { key: random.bytes(32), iterations }
const server = createServerMechanism('SCRAM-SHA-256', { cryptography, random, decoy })
if (client === undefined || server === undefined) throw new Error('There is no such mechanism.')
console.log(client.name)

// Each side says what it needs next; what takes time is answered when it is there.
let step = server.start(client.start())
while (step.kind !== 'success' && step.kind !== 'failure') {
  if (step.kind === 'keys') step = server.keys(step.username === 'ada' ? stored : undefined)
  else if (step.kind === 'verify') step = server.verified(step.credentials.authorizationId === '')
  else if (step.kind === 'secret') step = server.secret(undefined)
  else {
    let answer = client.receive(step.bytes)
    if (answer.kind === 'derive') {
      const { algorithm, password, salt, iterations } = answer.derivation
      answer = client.derived(await cryptography.pbkdf2(algorithm, password, salt, iterations))
    }
    if (answer.kind !== 'respond') throw new Error('The client gave up.')
    step = server.receive(answer.bytes)
  }
}
console.log(step)

// The server says success; the client believes it, for it has proved that it knows the password.
console.log(client.finish())

// Prints:
// SCRAM-SHA-256
// { kind: 'success', authorizationId: 'ada', authenticationId: 'ada' }
// { kind: 'done' }
