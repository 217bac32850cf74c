/** The order of calls, which no mechanism lets a caller break. */

import { fromUtf8 } from '@postroad/bytes'
import { systemCryptography, systemRandom } from '@postroad/runtime/system'
import { describe, expect, it } from 'vitest'
import { createClientMechanism, createServerMechanism, SaslOrderError } from '../src/index.ts'
import { the } from './exchange.ts'

const bytes = (text = ''): Uint8Array => fromUtf8(text)
const plain = () => the(createServerMechanism('PLAIN'))
const order = expect.objectContaining({ name: 'SaslOrderError', code: 'SASL_OUT_OF_ORDER' })

describe('a server', () => {
  it('lets nobody succeed without a judgement', () => {
    const mechanism = plain()
    expect(() => mechanism.verified(true)).toThrow(SaslOrderError)
    mechanism.start(undefined)
    expect(() => mechanism.verified(true)).toThrow(SaslOrderError)
    mechanism.receive(bytes('tim'))
    expect(() => mechanism.verified(true)).toThrow(SaslOrderError)
  })

  it('judges once', () => {
    const mechanism = plain()
    mechanism.start(bytes('\0tim\0x'))
    mechanism.verified(false)
    expect(() => mechanism.verified(true)).toThrow(order)
  })

  it('begins once, and receives only after a challenge', () => {
    const mechanism = plain()
    expect(() => mechanism.receive(bytes('\0tim\0x'))).toThrow(order)
    mechanism.start(bytes('\0tim\0x'))
    expect(() => mechanism.start(undefined)).toThrow(order)
    expect(() => mechanism.receive(bytes('\0tim\0x'))).toThrow(order)
  })

  it('takes keys and secrets only where it asked for them', () => {
    const mechanism = plain()
    expect(() => mechanism.keys(undefined)).toThrow(order)
    expect(() => mechanism.secret(undefined)).toThrow(order)
  })

  it('tells what it expected', () => {
    expect(() => plain().receive(bytes())).toThrow('receive was called where the exchange expects start')
  })
})

describe('a client', () => {
  const context = { cryptography: systemCryptography, random: systemRandom }
  const scram = () => the(createClientMechanism('SCRAM-SHA-256', { username: 'tim', password: 'x' }, context))

  it('begins before all else, and once', () => {
    const client = scram()
    expect(() => client.receive(bytes())).toThrow(order)
    expect(() => client.derived(bytes())).toThrow(order)
    expect(() => client.finish()).toThrow(order)
    client.start()
    expect(() => client.start()).toThrow(order)
  })

  it('takes a key only where it asked for one, and nothing else then', () => {
    const client = scram()
    const nonce = the(/r=(.*)$/.exec(Buffer.from(the(client.start())).toString())?.[1])
    expect(() => client.derived(bytes())).toThrow(order)
    expect(client.receive(bytes(`r=${nonce}x,s=QSXC,i=4096`)).kind).toBe('derive')
    expect(() => client.receive(bytes())).toThrow(order)
  })
})
