/** The order in which a file goes: noted, durable, removed, the note removed; and what happens where one step fails. */

import { createManualClock } from '@postroad/runtime'
import { contentId } from '@postroad/envelope'
import { expect, it } from 'vitest'
import { FileRemoval, type FilesRemoved, REMOVAL_MS } from '../src/file-removal.ts'

/** Notes are in the order of their ids here. */
const serial = (id: string): number => id.codePointAt(0) ?? 0

const setUp = (noted: string[]) => {
  const clock = createManualClock()
  const steps: string[] = []
  const world = {
    clock,
    steps,
    /** What each call does instead of succeeding. */
    refuse: (_step: string): void => undefined,
    reports: [] as FilesRemoved[],
  }
  const act = (step: string): void => {
    steps.push(step)
    world.refuse(step)
  }
  const writer = {
    ask: async (kind: string, request: { after?: number; files?: string[] }, durable = false): Promise<unknown> => {
      await Promise.resolve()
      act(`${kind}${durable ? ', durably' : ''}${request.files ? ` ${request.files.join(' ')}` : ''}`)
      if (kind === 'orphan') return request.files
      if (kind === 'unlinked')
        return noted.splice(0, noted.length, ...noted.filter((id) => !request.files?.includes(id)))
      const rest = noted.filter((id) => serial(id) > (request.after ?? 0))
      return { files: rest.slice(0, 2), last: rest.length > 2 ? serial(rest[1] ?? '') : undefined }
    },
  }
  const files = {
    drop: async (ids: readonly string[]): Promise<void> => act(`remove ${ids.join(' ')}`),
  }
  const removal = new FileRemoval({
    clock,
    writer: writer as never,
    files,
    report: (event) => world.reports.push(event),
  })
  return { ...world, world, removal, noted }
}

it('removes files only after the answer to a durable request, and the notes after that', async () => {
  const { clock, noted, removal, steps } = setUp(['a', 'b', 'c'])
  removal.wake()
  removal.wake()
  await clock.advance(REMOVAL_MS - 1)
  expect(steps).toEqual([])
  await clock.advance(1)
  expect(steps).toEqual([
    'unlinkable, durably',
    'remove a',
    'remove b',
    'unlinked a b',
    'unlinkable, durably',
    'remove c',
    'unlinked c',
  ])
  expect(noted).toEqual([])
  await clock.advance(1_000_000)
  expect(steps).toHaveLength(7)
})

it('removes none where the commit fails, and tries again', async () => {
  const { clock, removal, steps, world } = setUp(['a'])
  world.refuse = () => {
    throw new Error('the disk is full')
  }
  removal.wake()
  await clock.advance(REMOVAL_MS)
  expect(steps).toEqual(['unlinkable, durably'])
  expect(world.reports).toEqual([{ removed: 0, error: new Error('the disk is full') }])
  world.refuse = () => undefined
  await clock.advance(60_000)
  expect(steps.slice(1)).toEqual(['unlinkable, durably', 'remove a', 'unlinked a'])
})

it('keeps the note of a file that cannot be removed, goes on with the others, and tries again', async () => {
  const { clock, noted, removal, world } = setUp(['a', 'b', 'c', 'd'])
  world.refuse = (step) => {
    if (step === 'remove b') throw new Error('may not be used: b')
  }
  removal.wake()
  await clock.advance(REMOVAL_MS)
  expect(noted).toEqual(['b'])
  expect(world.reports[0]).toEqual({ removed: 1, error: new Error('may not be used: b') })
  world.refuse = () => undefined
  await clock.advance(60_000)
  expect(noted).toEqual([])
})

it('goes on in a moment with what was noted while it was at work', async () => {
  const { clock, noted, removal, world } = setUp(['a'])
  world.refuse = (step) => {
    if (step !== 'unlinked a') return
    noted.push('late')
    removal.wake()
  }
  removal.wake()
  await clock.advance(REMOVAL_MS)
  await clock.advance(REMOVAL_MS)
  expect(noted).toEqual([])
})

it('takes orphans from whoever would name them before it removes them', async () => {
  const { removal, steps } = setUp([])
  await removal.removeOrphans([contentId('x')])
  expect(steps).toEqual(['orphan x', 'remove x', 'unlinked x'])
})

it('finishes what waits when it ends, and nothing after', async () => {
  const { clock, noted, removal, steps } = setUp(['a'])
  removal.wake()
  await removal.end(true)
  expect(noted).toEqual([])
  const count = steps.length
  await clock.advance(1_000_000)
  expect(steps).toHaveLength(count)
})

it('leaves what waits when it is cut', async () => {
  const { clock, removal, steps } = setUp(['a'])
  removal.wake()
  await removal.end(false)
  await clock.advance(1_000_000)
  expect(steps).toEqual([])
})
