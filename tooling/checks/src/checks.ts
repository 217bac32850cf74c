/** All checks, in the order in which they run: the quick ones first. */

import { apiCheck } from './api.ts'
import { changesetsCheck } from './changesets.ts'
import type { Check } from './check.ts'
import { contractsCheck } from './contracts.ts'
import { coverageCheck } from './coverage.ts'
import { enginesCheck } from './engines.ts'
import { errorsCheck } from './errors.ts'
import { examplesCheck } from './examples.ts'
import { exportsCheck } from './exports.ts'
import { type Ladder, ladderCheck } from './ladder.ts'
import { packedCheck } from './packed.ts'
import { purityCheck } from './purity.ts'
import { readmesCheck } from './readmes.ts'
import { referencesCheck } from './references.ts'
import type { Repository } from './repository.ts'
import { type RfcIndex, rfcCheck } from './rfc.ts'
import { type StandardsNotes, standardsCheck } from './standards.ts'
import { formatCheck, lintCheck, typesCheck } from './tools.ts'
import { unusedCheck } from './unused.ts'
import { wordsCheck } from './words.ts'

/** The checks of a repository, with the tables they go by. */
export function allChecks(
  repository: Repository,
  tables: { readonly ladder: Ladder; readonly rfcIndex: RfcIndex; readonly standards: StandardsNotes },
  options: { readonly everySuite?: boolean } = {},
): Check[] {
  return [
    ladderCheck(repository, tables.ladder),
    purityCheck(repository),
    rfcCheck(repository, tables.rfcIndex),
    readmesCheck(repository),
    examplesCheck(repository),
    standardsCheck(repository, tables.rfcIndex, tables.standards),
    referencesCheck(repository, tables.rfcIndex, tables.standards),
    errorsCheck(repository),
    wordsCheck(repository),
    changesetsCheck(repository),
    formatCheck(repository),
    unusedCheck(repository),
    lintCheck(repository),
    typesCheck(repository),
    apiCheck(repository),
    exportsCheck(repository),
    packedCheck(repository),
    contractsCheck(repository),
    enginesCheck(repository, options),
    coverageCheck(repository),
  ]
}

/** How a run ended, as `.ci/run` reads it. */
export interface CheckSummary {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}
