import { reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { MailstoreUnavailableError, type MailboxWriter } from '../src/index.ts'
import { createMemoryMailstore, type MemoryMailstore } from '../src/memory.ts'
import { describeMailstoreContract } from '../src/testing/index.ts'

describeMailstoreContract('the memory mailstore', {
  open: async () => {
    const mailstore = createMemoryMailstore()
    return {
      mailstore,
      read: async (account) => mailstore.messages(account).map(({ content }) => content),
      close: async () => undefined,
    }
  },
})

const EMPTY = new Uint8Array(0)

async function begin(store: MemoryMailstore, key?: string): Promise<MailboxWriter> {
  const writer = await store.begin({ account: 'ada', prefix: EMPTY, ...(key === undefined ? {} : { key }) })
  if (writer.kind !== 'writer') throw new TypeError()
  return writer
}

describe('the memory mailstore', () => {
  it('refuses as it is told, and takes messages again', async () => {
    const store = createMemoryMailstore()
    const full = reply(452, '4.2.2', 'mailbox full')
    store.refuse('ada', full)
    expect(await store.begin({ account: 'ada', prefix: EMPTY })).toEqual({ kind: 'refused', reply: full })
    store.refuse('ada', undefined)
    await (await begin(store)).commit()
    expect(store.messages('ada')).toHaveLength(1)
    expect(store.accounts()).toEqual(['ada'])
  })

  it('rejects everything while it is broken, and keeps nothing of it', async () => {
    const store = createMemoryMailstore()
    const writer = await begin(store)
    store.breakDown(true)
    await expect(store.begin({ account: 'ada', prefix: EMPTY })).rejects.toBeInstanceOf(MailstoreUnavailableError)
    await expect(Promise.resolve().then(() => writer.write(EMPTY))).rejects.toMatchObject({
      code: 'MAILSTORE_UNAVAILABLE',
    })
    await expect(writer.commit()).rejects.toBeInstanceOf(MailstoreUnavailableError)
    await writer.abort()
    store.breakDown(false)
    expect(store.messages('ada')).toEqual([])
  })

  it('forgets the keys of a mailbox that was cleared', async () => {
    const store = createMemoryMailstore()
    await (await begin(store, 'k')).commit()
    store.clear('ada')
    await (await begin(store, 'k')).commit()
    expect(store.messages('ada').map(({ key }) => key)).toEqual(['k'])
  })

  it('takes nothing after the end of a message', async () => {
    const writer = await begin(createMemoryMailstore())
    await writer.commit()
    await expect(Promise.resolve().then(() => writer.write(EMPTY))).rejects.toThrow(TypeError)
    await expect(writer.commit()).rejects.toThrow(TypeError)
  })
})
