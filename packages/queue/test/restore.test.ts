/** What is held of a log while it is read. */

import { contentId } from '@postroad/envelope'
import { expect, it } from 'vitest'
import { LoggedContents } from '../src/memory/restore.ts'

const [A, B, C] = ['a', 'b', 'c'].map((id) => contentId(id)) as [never, never, never]
const bytes = [new Uint8Array(1)]

it('holds no content whose entries have all gone, but for the last batch', () => {
  const contents = new LoggedContents()
  for (let n = 0; n < 1_000; n += 1) {
    const id = contentId(`${n}`)
    contents.put(id, bytes)
    contents.rename(undefined, id)
    contents.rename(undefined, id)
    contents.rename(id, undefined)
    if (n % 100 > 0) contents.rename(id, undefined)
    expect(contents.size).toBeLessThan(13)
  }
})

it('keeps content that goes on from one entry to another, and what is named only later', () => {
  const contents = new LoggedContents()
  contents.put(A, bytes)
  contents.rename(undefined, A)
  contents.put(B, bytes)
  contents.rename(A, undefined)
  contents.rename(undefined, A)
  contents.put(C, bytes)
  expect([...contents.all()].map(([id]) => id)).toEqual([A, B, C])
})
