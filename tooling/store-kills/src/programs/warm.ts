/** Does each thing once and ends by itself, so that the code of the other programs lies compiled in Node's cache. */

import { messageId } from '@postroad/envelope'
import { findDifference } from '../content.ts'
import { readPlan } from '../member.ts'
import { stageContent } from '../stage.ts'
import { openTarget } from '../target.ts'

const { target } = readPlan()
await import('../calls.ts')
await import('../judge.ts')
const store = await openTarget(target)
const plan = { name: messageId('WARM'), sizeBytes: 10_000 }
const { id } = await stageContent(store, plan)
// It is not named by any entry, so there is nothing to read: the thread that reads is started all the same.
await findDifference(plan, store.spool.open(id)).catch(() => {})
await store[Symbol.asyncDispose]()
process.exit(0)
