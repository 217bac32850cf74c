import { duplexPair, type Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ask } from '../../src/benches/wire/conversation.ts'

/** A peer that gives its parts, one for each line that comes. */
const peer = (...parts: readonly string[]): Duplex => {
  const [ours, theirs] = duplexPair()
  const left = [...parts]
  theirs.on('data', () => {
    const part = left.shift()
    if (part === undefined) theirs.destroy()
    else theirs.write(part)
  })
  return ours
}

describe('ask', () => {
  it('waits for the last line of a reply, however it is cut', async () => {
    const [ours, theirs] = duplexPair()
    const asked = ask(ours, undefined, '250')
    for (const part of ['250-one\r\n25', '0-two\r', '\n250 three', '\r\n']) theirs.write(part)
    await expect(asked).resolves.toBeUndefined()
  })

  it('asks one thing after the other', async () => {
    const stream = peer('250 one\r\n', '354 two\r\n')
    await ask(stream, 'MAIL\r\n', '250')
    await ask(stream, 'DATA\r\n', '354')
  })

  it('rejects another reply, with what was said', async () => {
    await expect(ask(peer('550 5.1.1 nobody\r\n'), 'RCPT\r\n', '250')).rejects.toThrow(
      '"RCPT\\r\\n" was answered 550 5.1.1 nobody',
    )
  })

  it('rejects where the stream ends', async () => {
    const [ours] = duplexPair()
    const asked = ask(ours, 'MAIL\r\n', '250')
    ours.destroy()
    await expect(asked).rejects.toThrow('closed before the reply')
    await expect(ask(ours, 'MAIL\r\n', '250')).rejects.toThrow('closed before the reply')
  })
})
