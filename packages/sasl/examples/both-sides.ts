// examples/both-sides.ts
import { chooseMechanism, createClientMechanism, createServerMechanism } from '@postroad/sasl'

const name = chooseMechanism(['LOGIN', 'PLAIN'])
const client = name && createClientMechanism(name, { username: 'ada', password: 'secret' })
const server = name && createServerMechanism(name)
console.log(name)

if (client && server) {
  const step = server.start(client.start())
  if (step.kind === 'verify') {
    // A directory judges the password, and takes its time; the exchange waits for the answer.
    const accepted = step.credentials.authenticationId === 'ada' && step.credentials.password === 'secret'
    console.log(server.verified(accepted))
  }
}

// Prints:
// PLAIN
// { kind: 'success', authorizationId: 'ada', authenticationId: 'ada' }
