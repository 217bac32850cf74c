/** What a check found, in words: of each kind the first hundred, and how many more. */

/** One thing that a check found. */
export interface Finding {
  /** `damage`: something is lost, or will go wrong. `leftover`: it takes room, and no more. */
  readonly severity: 'damage' | 'leftover'
  /** What is wrong, for people. */
  readonly what: string
  /** The shard, and the group, entry or content. */
  readonly where: string
  /** What a person can do. */
  readonly advice: string
}

type Kind = Omit<Finding, 'where'>

/** Told of each kind. */
const TOLD = 100

const REPORT = 'tell us, with what this Redis has been through'
const EVICTED = 'find out what deleted it (maxmemory-policy must be noeviction)'

/** What the words of the scripts mean. */
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['group lost', { severity: 'damage', what: 'a lane has entries and nobody looks into it', advice: REPORT }],
  ['group stuck', { severity: 'damage', what: 'a lane waits for leases to end and none are out', advice: REPORT }],
  ['group held', { severity: 'damage', what: 'the group counts other held entries than it has', advice: REPORT }],
  ['group leases', { severity: 'damage', what: 'the group counts other leases than it has', advice: REPORT }],
  ['group leftover', { severity: 'leftover', what: 'the group is listed and has nothing', advice: 'nothing' }],
  ['place ghost', { severity: 'damage', what: 'the entry that is named is not there', advice: EVICTED }],
  ['place other', { severity: 'damage', what: 'the entry says that it stands elsewhere', advice: REPORT }],
  [
    'entry lost',
    { severity: 'damage', what: 'the entry does not stand where it says: nobody leases it', advice: REPORT },
  ],
  ['entry unlisted', { severity: 'damage', what: 'the group of the entry is not listed', advice: REPORT }],
  ['entry contentless', { severity: 'damage', what: 'the content of the entry is not there', advice: EVICTED }],
  ['content fewer', { severity: 'damage', what: 'the content counts fewer entries than name it', advice: REPORT }],
  ['content more', { severity: 'leftover', what: 'the content counts more entries than name it', advice: 'nothing' }],
  ['content old', { severity: 'leftover', what: 'no entry named the content in time', advice: 'sweep the spool' }],
])

/** Gathers what is found. */
export class FindingList {
  readonly #found: Finding[] = []
  readonly #times = new Map<Kind, number>()

  /** @param word What the script says, as `group lost`. */
  add(word: string, shard: number, where: string): void {
    const kind = KINDS.get(word) ?? { severity: 'damage', what: word, advice: REPORT }
    const times = (this.#times.get(kind) ?? 0) + 1
    this.#times.set(kind, times)
    if (times <= TOLD) this.#found.push({ ...kind, where: `shard ${shard}, ${where}` })
  }

  /** All of it. */
  all(): readonly Finding[] {
    const more = [...this.#times].filter(([, times]) => times > TOLD)
    return [...this.#found, ...more.map(([kind, times]) => ({ ...kind, where: `${times - TOLD} more` }))]
  }
}
