/**
 * A list that is walked in pages: members in the order they came, each with a number, and a walk that begins behind any
 * number without a look at those before it. Members are numbers too, of rows, so that a long list is no work for the garbage
 * collector.
 */

import { FEW_ROLL_PLACES, FIRST_ROLL_PLACES } from './sizes.ts'

/** In the place of a member that has left. */
const LEFT = 0xffff_ffff

/** Members in the order of their numbers. A member is an integer from 0, below 2^32 - 1. */
export class Roll {
  /** Each place has a number, larger than the one before, and a member. */
  #numbers = new Float64Array(FIRST_ROLL_PLACES)
  #members = new Uint32Array(FIRST_ROLL_PLACES)
  /** How many places are in use, those among them whose member has left; the last has one. */
  #end = 0
  /** The first place whose member has not left, or a place before it. */
  #head = 0
  #size = 0
  #last = 0

  get size(): number {
    return this.#size
  }

  /** How many places there is memory for. */
  get places(): number {
    return this.#numbers.length
  }

  /**
   * Puts a member behind all others, and gives its number, which `remove` wants back.
   *
   * @param number Larger than all before; by default the next.
   */
  add(member: number, number: number = this.#last + 1): number {
    if (this.#end === this.#numbers.length) this.#closeUp()
    this.#numbers[this.#end] = number
    this.#members[this.#end] = member
    this.#end += 1
    this.#size += 1
    this.#last = number
    return number
  }

  /** The first member; `undefined` where there is none. */
  first(): number | undefined {
    if (this.#size === 0) return undefined
    // Ends, for there is a member, and none before the head.
    while (this.#members[this.#head] === LEFT) this.#head += 1
    return this.#members[this.#head]
  }

  /** The last member; `undefined` where there is none. */
  last(): number | undefined {
    return this.#size === 0 ? undefined : this.#members[this.#end - 1]
  }

  /** Takes out the member of a number; one that is gone is passed over. */
  remove(number: number): void {
    const index = this.#indexOf(number)
    if (index >= this.#end || this.#numbers[index] !== number || this.#members[index] === LEFT) return
    this.#members[index] = LEFT
    this.#size -= 1
    while (this.#end > 0 && this.#members[this.#end - 1] === LEFT) this.#end -= 1
    this.#head = Math.min(this.#head, this.#end)
    // Now and then, so that each leaving pays for a few places at most.
    if (this.#numbers.length > FEW_ROLL_PLACES + 4 * this.#size) this.#closeUp()
  }

  /** Numbers and members behind a number, 0 for all. What is added or removed meanwhile may be missed or come twice. */
  *after(number: number): Generator<readonly [number: number, member: number], void, undefined> {
    const [numbers, members, end] = [this.#numbers, this.#members, this.#end]
    for (let index = this.#indexOf(number + 1); index < end; index += 1) {
      const member = members[index] ?? LEFT
      if (member !== LEFT) yield [numbers[index] ?? 0, member]
    }
  }

  /** Leaves out places whose members have left, with room for half as many more. */
  #closeUp(): void {
    const [numbers, members, end] = [this.#numbers, this.#members, this.#end]
    const places = Math.max(FIRST_ROLL_PLACES, Math.ceil(this.#size * 1.5))
    this.#numbers = new Float64Array(places)
    this.#members = new Uint32Array(places)
    this.#end = 0
    this.#head = 0
    for (let index = 0; index < end; index += 1) {
      const member = members[index] ?? LEFT
      if (member === LEFT) continue
      this.#numbers[this.#end] = numbers[index] ?? 0
      this.#members[this.#end] = member
      this.#end += 1
    }
  }

  /** Where the first place of this number or a later one stands. */
  #indexOf(number: number): number {
    // Numbers rise by one at least from place to place, so both ends tell something; where none is missing, everything.
    let low = Math.max(0, this.#end - 1 - Math.max(0, this.#last - number))
    let high = Math.min(this.#end, Math.max(0, number - (this.#numbers[0] ?? 0)))
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#numbers[middle] ?? Infinity) >= number) high = middle
      else low = middle + 1
    }
    return low
  }
}
