/** A process that reads or writes formats, ours or a peer's: one library in each. */

import type { Work } from '../../benchmark.ts'
import { serveContestant } from '../../serve-contestant.ts'
import { ADDRESS_READERS } from './addresses.ts'
import { CONVERTERS } from './convert.ts'
import { HEADER_READERS } from './headers.ts'
import { HOSTILE } from './hostile.ts'
import { type Layout, repeat } from './reader.ts'
import { WALKERS } from './walk.ts'

const KINDS: Readonly<Record<string, Readonly<Record<string, () => Promise<Layout>>>>> = {
  addresses: ADDRESS_READERS,
  headers: HEADER_READERS,
  walk: WALKERS,
  convert: CONVERTERS,
  hostile: HOSTILE,
}

let layout: Layout | undefined
let laid: { readonly work: Work; readonly task: ReturnType<Layout> } | undefined

serveContestant({
  start: async ({ kind, name }) => {
    layout = await KINDS[String(kind)]?.[String(name)]?.()
  },
  prepare: async (work) => {
    if (layout === undefined) throw new Error('there is no such contestant')
    // A case's input is laid out once.
    if (JSON.stringify(laid?.work) !== JSON.stringify(work)) laid = { work, task: layout(work) }
  },
  measure: async (_, roundMs) => {
    if (laid === undefined) throw new Error('nothing was prepared')
    return repeat(laid.task, roundMs)
  },
})
